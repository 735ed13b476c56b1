import type { WireRecord } from "@waggle/contracts";
import fc from "fast-check";
import { writesOf } from "./writes";

const recordOf = (bytes: number): WireRecord => ({ topic: "t", key: null, value: Buffer.alloc(bytes) });

describe("writesOf", () => {
  it("keeps together what fits", () => {
    const outputs = [recordOf(10), recordOf(20), recordOf(30)];
    expect(writesOf(outputs, { records: 3, bytes: 10_000 }).map((write) => write.records)).toEqual([outputs]);
  });

  it("makes none of nothing", () => {
    expect(writesOf([], { records: 3, bytes: 10_000 })).toEqual([]);
  });

  it("gives a record beyond the limit a write of its own", () => {
    const outputs = [recordOf(1), recordOf(50_000), recordOf(1)];
    expect(writesOf(outputs, { records: 9, bytes: 10_000 }).map((write) => write.records.length)).toEqual([1, 1, 1]);
  });

  it("loses nothing, keeps the order and stays within the limits", () => {
    const sizes = fc.array(fc.nat({ max: 5_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9_000 }),
        (bytes, records, limit) => {
          const outputs = bytes.map(recordOf);
          const writes = writesOf(outputs, { records, bytes: limit });
          expect(writes.flatMap((write) => write.records)).toEqual(outputs);
          for (const write of writes) {
            expect(write.records.length).toBeGreaterThan(0);
            expect(write.records.length).toBeLessThanOrEqual(records);
            expect(write.records.length === 1 || write.bytes <= limit).toBe(true);
          }
        },
      ),
    );
  });
});
