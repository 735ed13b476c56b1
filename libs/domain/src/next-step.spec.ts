import fc from "fast-check";
import { nextStep } from "./next-step";
import type { Outcome } from "./outcome";
import { RETRY_DELAYS_S, TIER_SECONDS } from "./schedule";

const ENDED = 1_776_429_296_000;
const DELIVERED: Outcome = { kind: "delivered", status_code: 204 };

function failed(overrides: { readonly gone?: boolean; readonly retry_after_s?: number } = {}): Outcome {
  return { kind: "failed", status_code: 500, error: "http_status", gone: false, retry_after_s: 0, ...overrides };
}

const first = { number: 1, endedAt: ENDED, test: false };
const hiveku = { delays: RETRY_DELAYS_S.hiveku, timeScale: 1 };

describe("nextStep", () => {
  it("ends a delivery that arrived, on whichever attempt", () => {
    expect(nextStep(DELIVERED, first, hiveku)).toEqual({ kind: "delivered" });
    expect(nextStep(DELIVERED, { ...first, number: 99 }, hiveku)).toEqual({ kind: "delivered" });
    expect(nextStep(DELIVERED, { ...first, test: true }, hiveku)).toEqual({ kind: "delivered" });
  });

  it("walks hiveku's schedule: 12 attempts, each delay counted from the end of the attempt before", () => {
    const tiers = Array.from({ length: 12 }, (_, index) => {
      const step = nextStep(failed(), { ...first, number: index + 1 }, hiveku);
      if (step.kind !== "retry") return step.kind;
      expect(step.due_at).toBe(ENDED + TIER_SECONDS[step.tier] * 1_000);
      return step.tier;
    });
    expect(tiers).toEqual(["30s", "2m", "10m", "1h", "1h", "1h", "1h", "1h", "1h", "6h", "6h", "exhausted"]);
  });

  it("gives buzzmark six attempts", () => {
    const buzzmark = { delays: RETRY_DELAYS_S.buzzmark, timeScale: 1 };
    expect(nextStep(failed(), { ...first, number: 5 }, buzzmark)).toMatchObject({ kind: "retry", tier: "6h" });
    expect(nextStep(failed(), { ...first, number: 6 }, buzzmark)).toEqual({
      kind: "exhausted",
      reason: "attempts_used",
    });
  });

  it("gives a test one attempt, which even a 410 leaves without consequence", () => {
    const test = { ...first, test: true };
    expect(nextStep(failed(), test, hiveku)).toEqual({ kind: "exhausted", reason: "attempts_used" });
    expect(nextStep(failed({ gone: true }), test, hiveku)).toEqual({ kind: "exhausted", reason: "attempts_used" });
  });

  it("ends at once on 410", () => {
    expect(nextStep(failed({ gone: true }), first, hiveku)).toEqual({ kind: "exhausted", reason: "gone" });
  });

  it("waits at least as long as Retry-After asks, rounded up to a tier", () => {
    expect(nextStep(failed({ retry_after_s: 31 }), first, hiveku)).toMatchObject({ tier: "2m" });
    expect(nextStep(failed({ retry_after_s: 21_600 }), first, hiveku)).toMatchObject({ tier: "6h" });
  });

  it("does not shorten a wait because Retry-After asks for less", () => {
    expect(nextStep(failed({ retry_after_s: 1 }), { ...first, number: 4 }, hiveku)).toMatchObject({ tier: "1h" });
  });

  it("does not let Retry-After add an attempt", () => {
    const last = { ...first, number: 12 };
    expect(nextStep(failed({ retry_after_s: 60 }), last, hiveku)).toEqual({
      kind: "exhausted",
      reason: "attempts_used",
    });
  });

  it("divides waits by the time scale", () => {
    expect(nextStep(failed(), first, { ...hiveku, timeScale: 600 })).toEqual({
      kind: "retry",
      tier: "30s",
      due_at: ENDED + 50,
    });
  });

  it("is never early, in whole milliseconds and less than one late", () => {
    fc.assert(
      fc.property(
        fc.record({
          number: fc.integer({ min: 1, max: 11 }),
          endedAt: fc.integer({ min: 0, max: 4_102_444_800_000 }),
          timeScale: fc.double({ min: 1, max: 100_000, noNaN: true }),
          retryAfter: fc.integer({ min: 0, max: 21_600 }),
        }),
        ({ number, endedAt, timeScale, retryAfter }) => {
          const attempt = { number, endedAt, test: false };
          const step = nextStep(failed({ retry_after_s: retryAfter }), attempt, { ...hiveku, timeScale });
          if (step.kind !== "retry") throw new Error(`a retry was due, not ${step.kind}`);
          const asked = Math.max(hiveku.delays[number - 1] ?? 0, retryAfter);
          expect(TIER_SECONDS[step.tier]).toBeGreaterThanOrEqual(asked);
          const waited = step.due_at - endedAt;
          expect(Number.isInteger(step.due_at)).toBe(true);
          expect(waited).toBeGreaterThanOrEqual((asked * 1_000) / timeScale);
          expect(waited - (TIER_SECONDS[step.tier] * 1_000) / timeScale).toBeLessThan(1);
        },
      ),
    );
  });
});
