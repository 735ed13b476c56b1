import type { CountedAttempt } from "./counted-attempt";
import { foldStates, streakOf } from "./webhook-state";

function counted(overrides: Partial<CountedAttempt> = {}): CountedAttempt {
  return {
    webhook_id: "wh_1",
    tenant_id: "ten_1",
    webhook_version: 1,
    try_id: "try_1",
    at: 1_000,
    recorded_at: 1_025,
    duration_ms: 25,
    status_code: 200,
    error: null,
    circuit: null,
    ...overrides,
  };
}
const failed = (recorded_at: number) => ({ recorded_at, error: "timeout" as const });
const delivered = (recorded_at: number) => ({ recorded_at, error: null });

test.each([
  ["nothing", [], null, null, null, 0],
  ["failures only", [failed(3), failed(1), failed(2)], null, 1, 3, 3],
  ["a success after them", [failed(1), delivered(2)], 2, null, 1, 0],
  ["a success between them, told last", [failed(1), failed(3), failed(4), delivered(2)], 2, 3, 4, 2],
  ["a success in the same millisecond", [failed(2), delivered(2)], 2, null, 2, 0],
])("the streak of %s", (_, attempts, last_success_at, first_failure_at, last_failure_at, failures) => {
  expect(streakOf(attempts)).toEqual({ last_success_at, first_failure_at, last_failure_at, failures });
});

test("the last attempt is the one that began last, whichever came last", () => {
  const early = counted({ try_id: "try_a", at: 1, recorded_at: 100, status_code: 500, error: "http_status" });
  const late = counted({ try_id: "try_b", at: 2, recorded_at: 50, duration_ms: 7 });
  const expected = { last_try_id: "try_b", last_attempt_at: 2, last_error: null, last_duration_ms: 7 };
  expect(foldStates([early, late])).toMatchObject([expected]);
  expect(foldStates([late, early])).toMatchObject([expected]);
});

test("the circuit is the one told by the latest attempt that knows it", () => {
  const [state] = foldStates([
    counted({ recorded_at: 10, circuit: "open" }),
    counted({ recorded_at: 30, circuit: null }),
    counted({ recorded_at: 20, circuit: "closed" }),
  ]);
  expect(state).toMatchObject({ circuit: "closed", circuit_at: 20 });
});

test("there is one change per webhook, in the order of their ids, with the highest version seen", () => {
  const states = foldStates([
    counted({ webhook_id: "wh_2" }),
    counted({ webhook_version: 3 }),
    counted({ webhook_version: 2 }),
  ]);
  expect(states.map(({ webhook_id, version }) => [webhook_id, version])).toEqual([
    ["wh_1", 3],
    ["wh_2", 1],
  ]);
});
