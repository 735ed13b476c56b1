import fc from "fast-check";
import { LineEndings } from "./line-endings";

/** Cut anywhere, empty pieces included. */
const pieces = fc
  .array(fc.constantFrom("\r\n", "\r", "\n", "a", ".", "\r\n.\r\n"), { maxLength: 12 })
  .chain((parts) => {
    const text = parts.join("");
    return fc.array(fc.nat(text.length), { maxLength: 6 }).map((cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      return edges.slice(1).map((edge, index) => text.slice(edges[index], edge));
    });
  });

describe("LineEndings", () => {
  it("finds a bare CR or LF wherever the bytes are cut", () => {
    const property = fc.property(pieces, (cut) => {
      const lines = new LineEndings();
      const found = cut.some((piece) => lines.hasBare(Buffer.from(piece)));
      // A CR at the very end may still get its LF.
      expect(found).toBe(/\r(?!\n|$)|(?<!\r)\n/.test(cut.join("")));
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});
