import fc from "fast-check";
import {
  disableAfterS,
  disableAt,
  type FailureEvidence,
  type FailureSignal,
  judgeFailures,
  WARN_AFTER_S,
} from "./failure-judgement";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 3, 17);

/** A hiveku webhook that has failed from `START` to `until` hours later, known for `known` hours. */
function failing(until: number, known: number, overrides: Partial<FailureEvidence> = {}): FailureEvidence {
  return {
    streak: { failing_since: START, last_failure_at: START + until * HOUR },
    last_success_at: START - 1,
    warned: null,
    disable_after_s: 86_400,
    known_until: START + known * HOUR,
    frozen: false,
    time_scale: 1,
    ...overrides,
  };
}

const warned = (after_s: number) => ({ warned: { failing_since: START, after_s } });
const kinds = (signals: readonly FailureSignal[]) => signals.map(({ kind }) => kind);

describe("a webhook that only fails", () => {
  it("is disabled after its whole window, and not a millisecond before", () => {
    const evidence = failing(18.2, 24, warned(43_200));
    expect(judgeFailures(evidence)).toEqual([{ kind: "disable", failing_since: START }]);
    expect(judgeFailures({ ...evidence, known_until: evidence.known_until - 1 })).toEqual([]);
  });

  it("stays while its failures span less than three quarters of the window", () => {
    expect(kinds(judgeFailures(failing(18, 24, warned(43_200))))).toEqual(["disable"]);
    expect(judgeFailures(failing(17.99, 200, warned(43_200)))).toEqual([]);
  });

  it("is never disabled when its window is 0, and is warned about all the same", () => {
    expect(judgeFailures(failing(100, 200, { disable_after_s: 0 }))).toEqual([
      { kind: "warn", failing_since: START, after_s: 43_200, disable_at: null },
    ]);
  });

  it("is not disabled while an incident is open", () => {
    expect(judgeFailures(failing(24, 30, { ...warned(43_200), frozen: true }))).toEqual([]);
  });

  it.each([
    [0.99, 0, []],
    [1, 0, [3_600]],
    [1, 3_600, []],
    [12, 3_600, [43_200]],
    [13, 0, [43_200]],
    [13, 43_200, []],
  ])("after %d h, warned of %d s before, is warned of %j s", (hours, before, expected) => {
    const signals = judgeFailures(failing(hours, hours, before === 0 ? {} : warned(before)));
    expect(signals.map((signal) => "after_s" in signal && signal.after_s)).toEqual(expected);
  });

  it("says with a warning when it will be disabled", () => {
    const [signal] = judgeFailures(failing(1, 1));
    expect(signal).toMatchObject({ kind: "warn", disable_at: START + 24 * HOUR });
  });

  it("goes through a day in minutes under a time scale", () => {
    const scaled = { time_scale: 600, ...warned(43_200) };
    expect(kinds(judgeFailures(failing(18 / 600, 24 / 600, scaled)))).toEqual(["disable"]);
    expect(judgeFailures(failing(18 / 600, 23.9 / 600, scaled))).toEqual([]);
  });
});

describe("a webhook that got a 2xx", () => {
  it("has recovered if it was warned about, and else nothing is said", () => {
    const fine = { streak: null, last_success_at: START + HOUR };
    expect(judgeFailures(failing(0, 2, { ...fine, ...warned(3_600) }))).toEqual([
      { kind: "recovered", failing_since: START },
    ]);
    expect(judgeFailures(failing(0, 2, fine))).toEqual([]);
  });

  it("is warned about anew when it fails again", () => {
    const again = { streak: { failing_since: START + 3 * HOUR, last_failure_at: START + 4 * HOUR } };
    const evidence = failing(0, 4, { ...again, last_success_at: START + 2 * HOUR, ...warned(3_600) });
    expect(kinds(judgeFailures(evidence))).toEqual(["recovered", "warn"]);
  });
});

it("never disables sooner for knowing less", () => {
  fc.assert(
    fc.property(fc.nat(48 * HOUR), fc.nat(48 * HOUR), fc.nat(48 * HOUR), (span, a, b) => {
      const disables = (known: number) =>
        kinds(judgeFailures(failing(span / HOUR, known / HOUR))).includes("disable") ? 1 : 0;
      expect(disables(Math.min(a, b))).toBeLessThanOrEqual(disables(Math.max(a, b)));
    }),
  );
});

it("takes the webhook's own window before its dialect's", () => {
  expect(disableAfterS({ dialect: "hiveku", disable_after_s: null })).toBe(86_400);
  expect(disableAfterS({ dialect: "standard", disable_after_s: null })).toBe(86_400);
  expect(disableAfterS({ dialect: "buzzmark", disable_after_s: null })).toBe(0);
  expect(disableAfterS({ dialect: "hiveku", disable_after_s: 0 })).toBe(0);
  expect(disableAfterS({ dialect: "buzzmark", disable_after_s: 60 })).toBe(60);
});

it("names no time for a webhook that is never disabled", () => {
  expect(disableAt(START, 0, 1)).toBeNull();
  expect(disableAt(START, 86_400, 1)).toBe(START + 24 * HOUR);
  expect([...WARN_AFTER_S]).toEqual([3_600, 43_200]);
});
