import { MAX_MAIL_BYTES } from "@waggle/contracts";
import fc from "fast-check";
import { MailBuffer } from "./mail-buffer";
import { MailMemory } from "./mail-memory";

const MIB = 1_048_576;
const roomy = () => new MailMemory(64 * MIB);

/** How many bytes are still free, found out by taking them. */
function free(memory: MailMemory): number {
  let bytes = 0;
  for (let step = 64 * MIB; step >= 1; step /= 2) {
    while (memory.take(step)) bytes += step;
  }
  memory.giveBack(bytes);
  return bytes;
}

describe("MailBuffer", () => {
  it("holds what came, in pieces of any size", () => {
    const pieces = fc.array(fc.nat(70_000), { maxLength: 12 });
    const property = fc.property(pieces, (sizes) => {
      const buffer = new MailBuffer(roomy());
      const sent = sizes.map((size, index) => Buffer.alloc(size, `${index}:`));
      for (const piece of sent) buffer.add(piece);
      expect(buffer.overflow).toBeNull();
      expect(buffer.bytes().equals(Buffer.concat(sent))).toBe(true);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it("does not keep the pieces themselves, which others may write to again", () => {
    const buffer = new MailBuffer(roomy());
    const piece = Buffer.from("as it was");
    buffer.add(piece);
    piece.fill("x");
    expect(String(buffer.bytes())).toBe("as it was");
  });

  it("takes as much memory as a message of single bytes needs, and gives all of it back", () => {
    const memory = roomy();
    const buffer = new MailBuffer(memory);
    for (let count = 0; count < 100_000; count++) buffer.add(Buffer.from([count & 0xff]));
    const taken = 64 * MIB - free(memory);
    expect(taken).toBeGreaterThanOrEqual(100_000);
    expect(taken).toBeLessThanOrEqual(200_000);
    expect(buffer.bytes()).toHaveLength(100_000);
    buffer.release();
    expect(free(memory)).toBe(64 * MIB);
  });

  it("holds the largest message, and no byte more", () => {
    const buffer = new MailBuffer(roomy());
    buffer.add(Buffer.alloc(MAX_MAIL_BYTES));
    expect(buffer.overflow).toBeNull();
    buffer.add(Buffer.alloc(1));
    expect(buffer.overflow).toBe("too_large");
  });

  it("lets go of everything at once when the message is too large, and only counts what follows", () => {
    const memory = roomy();
    const buffer = new MailBuffer(memory);
    for (let mib = 0; mib < 20; mib++) buffer.add(Buffer.alloc(MIB));
    expect([buffer.overflow, buffer.size, free(memory)]).toEqual(["too_large", 20 * MIB, 64 * MIB]);
  });

  it("lets go of everything when there is no memory, so that others can finish", () => {
    const memory = new MailMemory(4 * MIB);
    const [first, second] = [new MailBuffer(memory), new MailBuffer(memory)];
    first.add(Buffer.alloc(2 * MIB));
    second.add(Buffer.alloc(3 * MIB));
    expect([first.overflow, second.overflow]).toEqual([null, "no_memory"]);
    first.add(Buffer.alloc(MIB));
    expect(first.overflow).toBeNull();
    first.release();
    expect(memory.take(4 * MIB)).toBe(true);
  });
});
