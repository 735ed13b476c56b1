import { DELIVERY_STATUSES } from "@waggle/domain";
import fc from "fast-check";
import { type DeliveryChange, foldChanges, inLockOrder } from "./fold";

const changes: fc.Arbitrary<DeliveryChange> = fc
  .record({
    id: fc.constantFrom("dlv_a", "dlv_b", "dlv_c"),
    copy: fc.integer({ min: 0, max: 1 }),
    status: fc.constantFrom(...DELIVERY_STATUSES),
    round: fc.integer({ min: 1, max: 2 }),
    number: fc.integer({ min: 0, max: 3 }),
    attempts: fc.integer({ min: 0, max: 1 }),
  })
  .map(({ id, copy, status, round, number, attempts }) => ({
    identity: {
      delivery_id: id,
      event_id: "evt_1",
      webhook_id: "wh_1",
      tenant_id: "ten_1",
      event_type: "bounce",
      email_id: "msg_1",
      recipient: "customer@example.com",
      tags: [],
      dialect: "hiveku",
      accepted_at: 1_000 + copy,
      publisher_id: true,
      test: false,
    },
    state: { round, status, reason: null, next_attempt_at: null, number, at: number },
    attempts,
  }));

test("any order, cut into any batches, folds to the same changes", () => {
  fc.assert(
    fc.property(
      fc
        .array(changes, { maxLength: 12 })
        .chain((history) =>
          fc.tuple(
            fc.constant(history),
            fc.shuffledSubarray(history, { minLength: history.length }),
            fc.nat({ max: history.length }),
          ),
        ),
      ([history, shuffled, cut]) => {
        const parts = [...foldChanges(shuffled.slice(0, cut)), ...foldChanges(shuffled.slice(cut))];
        expect(inLockOrder(foldChanges(parts))).toEqual(inLockOrder(foldChanges(history)));
      },
    ),
  );
});

test("each delivery changes once", () => {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 12 }), (history) => {
      const ids = foldChanges(history).map(({ identity }) => identity.delivery_id);
      expect(ids).toEqual([...new Set(ids)]);
    }),
  );
});

test("no attempt is lost or counted twice", () => {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 12 }), (history) => {
      const sum = (list: readonly DeliveryChange[]) => list.reduce((total, { attempts }) => total + attempts, 0);
      expect(sum(foldChanges(history))).toBe(sum(history));
    }),
  );
});
