import { DELIVERY_STATUSES } from "@waggle/domain";
import fc from "fast-check";
import { laterState, type RoundState } from "./round-state";

const pending: RoundState = { round: 1, status: "pending", reason: null, next_attempt_at: 1_000, number: 1, at: 500 };
const delivered: RoundState = { ...pending, status: "delivered", next_attempt_at: null };
const exhausted: RoundState = { ...delivered, status: "exhausted", reason: "attempts_used" };
const skipped: RoundState = { ...delivered, status: "skipped", reason: "webhook_disabled", number: 0 };

const states: fc.Arbitrary<RoundState> = fc.record({
  round: fc.integer({ min: 1, max: 2 }),
  status: fc.constantFrom(...DELIVERY_STATUSES),
  reason: fc.constantFrom(null, "attempts_used", "gone", "webhook_disabled"),
  next_attempt_at: fc.constantFrom(null, 0, 1_000, 2_000),
  number: fc.integer({ min: 0, max: 2 }),
  at: fc.integer({ min: 0, max: 2 }),
});

function standing(...history: RoundState[]): RoundState {
  return history.reduce(laterState);
}

test("delivered wins over everything of its round, whenever it was said", () => {
  expect(standing(delivered, { ...exhausted, number: 12, at: 9_000 })).toEqual(delivered);
  expect(standing({ ...pending, number: 2, at: 9_000 }, delivered)).toEqual(delivered);
});

test("an end is not undone by an attempt of its round that went on", () => {
  expect(standing(exhausted, pending)).toEqual(exhausted);
  expect(standing(skipped, { ...pending, number: 3, at: 9_000 })).toEqual(skipped);
});

test("giving up after tries says more than not having tried", () => {
  expect(standing(skipped, exhausted)).toEqual(exhausted);
});

test("a higher round supersedes whatever the lower one came to", () => {
  const again = { ...pending, round: 2, number: 0 };
  expect(standing(again, delivered)).toEqual(again);
  expect(standing(delivered, again)).toEqual(again);
});

test("of two pending states the one after the later attempt stands", () => {
  const second = { ...pending, number: 2, next_attempt_at: 9_000 };
  expect(standing(second, { ...pending, at: 8_000 })).toEqual(second);
});

test("any order and any repetition of a history ends in the same state", () => {
  fc.assert(
    fc.property(
      fc
        .array(states, { minLength: 1, maxLength: 8 })
        .chain((history) =>
          fc.tuple(
            fc.constant(history),
            fc.shuffledSubarray([...history, ...history], { minLength: history.length * 2 }),
          ),
        ),
      ([history, shuffled]) => expect(standing(...shuffled)).toEqual(standing(...history)),
    ),
  );
});
