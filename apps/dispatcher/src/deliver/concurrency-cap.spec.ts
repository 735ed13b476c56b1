import { ConcurrencyCap } from "./concurrency-cap";

function answered(cap: ConcurrencyCap, times: number, durationMs: number): void {
  for (let i = 0; i < times; i++) cap.answered(durationMs, true);
}

describe("a webhook's concurrency cap", () => {
  it("starts at 2 and rises to 64 while the receiver answers as fast as at its best", () => {
    const cap = new ConcurrencyCap();
    expect(cap.limit(null)).toBe(2);
    answered(cap, 200, 10);
    expect(cap.limit(null)).toBe(64);
  });

  it("is bounded by the webhook's own max_in_flight", () => {
    const cap = new ConcurrencyCap();
    answered(cap, 200, 10);
    expect(cap.limit(5)).toBe(5);
    expect(cap.limit(1)).toBe(1);
  });

  it("does not rise when it was not what limited", () => {
    const cap = new ConcurrencyCap();
    for (let i = 0; i < 100; i++) cap.answered(10, false);
    expect(cap.limit(null)).toBe(2);
  });

  it("stops rising for a receiver that answers one at a time: more at once only makes each answer later", () => {
    const cap = new ConcurrencyCap();
    for (let i = 0; i < 500; i++) cap.answered(500 * cap.limit(null), true);
    expect(cap.limit(null)).toBeLessThanOrEqual(4);
  });

  it("goes on rising for a receiver that is slow but takes many at once", () => {
    const cap = new ConcurrencyCap();
    answered(cap, 200, 3_000);
    expect(cap.limit(null)).toBe(64);
  });

  it("is halved by a sign of overload, once for what was in flight together, and never falls below 1", () => {
    const cap = new ConcurrencyCap();
    answered(cap, 200, 10);
    cap.overloaded(1_000, 2_000);
    for (const startedAt of [1_100, 1_500, 1_999]) cap.overloaded(startedAt, 2_100);
    expect(cap.limit(null)).toBe(32);
    for (let at = 3_000; at < 13_000; at += 1_000) cap.overloaded(at, at + 500);
    expect(cap.limit(null)).toBe(1);
  });

  it("is not ended in its rise by one slow answer", () => {
    const cap = new ConcurrencyCap();
    answered(cap, 20, 10);
    cap.answered(400, true);
    answered(cap, 50, 10);
    expect(cap.limit(null)).toBe(64);
  });
});
