import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { decodeDoneBitmap, encodeDoneBitmap } from "./done-bitmap";

const low = fc.nat(1_000_000_000);
const above = fc.uniqueArray(fc.integer({ min: 1, max: 20_000 }), { maxLength: 400 });

function rising(offsets: readonly number[]): number[] {
  return [...offsets].sort((a, b) => a - b);
}

describe("done bitmap", () => {
  it("tells the next owner exactly what is done", () => {
    const property = fc.property(low, above, (from, distances) => {
      const done = rising(distances.map((distance) => from + distance));
      expect(rising([...decodeDoneBitmap(encodeDoneBitmap(from, done), from)])).toEqual(done);
    });
    fc.assert(property);
  });

  it("fits what Kafka takes as metadata, giving up the highest offsets first", () => {
    // Random bits do not deflate: the worst there is.
    const random = fc.array(fc.boolean(), { minLength: 60_000, maxLength: 60_000 });
    const property = fc.property(low, random, (from, bits) => {
      const done = bits.flatMap((isDone, index) => (isDone ? [from + 1 + index] : []));
      const text = encodeDoneBitmap(from, done);
      const told = rising([...decodeDoneBitmap(text, from)]);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
      expect(told.length).toBeGreaterThan(8_000);
      expect(told).toEqual(done.slice(0, told.length));
    });
    fc.assert(property, { numRuns: 5 });
  });

  it("looks no further than it can tell", () => {
    const text = encodeDoneBitmap(0, [1, 2, 90_000_000]);
    expect([...decodeDoneBitmap(text, 0)]).toEqual([1, 2]);
  });

  it("is nothing when nothing above the watermark is done", () => {
    expect(encodeDoneBitmap(7, [])).toBe("");
    expect(decodeDoneBitmap("", 7).size).toBe(0);
    expect(decodeDoneBitmap(null, 7).size).toBe(0);
  });

  it("does not apply to another offset than the one it was written beside", () => {
    const text = encodeDoneBitmap(100, [101, 102]);
    expect(decodeDoneBitmap(text, 50).size).toBe(0);
    expect(decodeDoneBitmap(text, 10).size).toBe(0);
  });

  it("is ignored when it is cut, garbled or another program's", () => {
    const property = fc.property(fc.string(), low, (garbage, from) => {
      expect(decodeDoneBitmap(garbage, from).size).toBe(0);
    });
    fc.assert(property);
    const whole = encodeDoneBitmap(0, [1, 5, 900, 4_000]);
    expect(decodeDoneBitmap(whole.slice(0, -4), 0).size).toBe(0);
  });

  it("does not unpack more than it would ever pack", () => {
    const bomb = `d1:0:${deflateRawSync(Buffer.alloc(100_000_000)).toString("base64")}`;
    expect(decodeDoneBitmap(bomb, 0).size).toBe(0);
  });
});
