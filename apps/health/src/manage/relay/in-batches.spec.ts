import fc from "fast-check";
import { inBatches, RELAY_BATCH } from "./in-batches";

const record = (bytes: number) => ({ topic: "t", key: null, value: Buffer.alloc(bytes) });

it("keeps the order, leaves nothing out, and exceeds a limit only for one record alone", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: RELAY_BATCH.bytes + 10 }), { maxLength: 30 }), (sizes) => {
      const records = sizes.map(record);
      const batches = inBatches(records);
      expect(batches.flat()).toEqual(records);
      for (const batch of batches) {
        const bytes = batch.reduce((sum, { value }) => sum + value.length, 0);
        expect(batch.length === 1 || bytes <= RELAY_BATCH.bytes).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
  expect(
    inBatches(Array.from({ length: RELAY_BATCH.records + 1 }, () => record(1))).map(({ length }) => length),
  ).toEqual([RELAY_BATCH.records, 1]);
});
