import type { Dialect } from "./dialect";

/** The waiting rooms for retries and parked deliveries, shortest first. Source: architecture, contract §3. */
export const TIERS = ["5s", "30s", "2m", "10m", "1h", "6h"] as const;
export type Tier = (typeof TIERS)[number];

/** How long each tier waits, in seconds of the schedule (before `TIME_SCALE`). */
export const TIER_SECONDS: Readonly<Record<Tier, number>> = {
  "5s": 5,
  "30s": 30,
  "2m": 120,
  "10m": 600,
  "1h": 3_600,
  "6h": 21_600,
};

const HOUR = 3_600;
const LIFETIME_MARGIN_S = 24 * HOUR;

/** Seconds between the end of attempt n and attempt n + 1. Source: contract §3 "retries after attempt 1". */
export const RETRY_DELAYS_S: Readonly<Record<Dialect, readonly number[]>> = {
  hiveku: [30, 120, 600, HOUR, HOUR, HOUR, HOUR, HOUR, HOUR, 6 * HOUR, 6 * HOUR],
  buzzmark: [30, 120, 600, HOUR, 6 * HOUR],
  standard: [5, 120, 600, HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR],
};

/** The shortest tier that waits at least this many seconds; the longest when none does. */
export function tierAtLeast(seconds: number): Tier {
  return TIERS.find((tier) => TIER_SECONDS[tier] >= seconds) ?? "6h";
}

/** The longest tier that waits at most this many seconds; the shortest when none does. */
export function tierAtMost(seconds: number): Tier {
  return TIERS.findLast((tier) => TIER_SECONDS[tier] <= seconds) ?? "5s";
}

/** The delays of a webhook: its own (each rounded up to a tier) or its dialect's. Seconds. */
export function retryDelays(webhook: {
  readonly dialect: Dialect;
  readonly retry_delays_s: readonly number[] | null;
}): readonly number[] {
  if (webhook.retry_delays_s === null) return RETRY_DELAYS_S[webhook.dialect];
  return webhook.retry_delays_s.map((seconds) => TIER_SECONDS[tierAtLeast(seconds)]);
}

/** Schedule seconds as real milliseconds, with a fraction: `TIME_SCALE` divides every schedule and policy time. */
export function scaledMs(seconds: number, timeScale: number): number {
  return (seconds * 1_000) / timeScale;
}

/**
 * When a delivery that could not be attempted ends without one, in milliseconds since the epoch: the sum of the
 * schedule plus 24 h after its first attempt was due. Source: contract §3.
 */
export function lifetimeEndsAt(firstDueAt: number, delays: readonly number[], timeScale: number): number {
  const sum = delays.reduce((total, seconds) => total + seconds, 0);
  return firstDueAt + Math.ceil(scaledMs(sum + LIFETIME_MARGIN_S, timeScale));
}
