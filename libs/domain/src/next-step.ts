import type { Outcome } from "./outcome";
import { scaledMs, TIER_SECONDS, type Tier, tierAtLeast } from "./schedule";

/** What happens to a delivery after an attempt. Times in milliseconds since the epoch. */
export type NextStep =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly tier: Tier; readonly due_at: number }
  | { readonly kind: "exhausted"; readonly reason: ExhaustedReason };

export const EXHAUSTED_REASONS = ["attempts_used", "lifetime_over", "gone"] as const;
export type ExhaustedReason = (typeof EXHAUSTED_REASONS)[number];

export const SKIPPED_REASONS = ["webhook_disabled", "webhook_deleted"] as const;
export type SkippedReason = (typeof SKIPPED_REASONS)[number];

/** Where a delivery stands. `delivered` wins over everything within a round. Source: contract §3 and §4. */
export const DELIVERY_STATUSES = ["pending", "delivered", "exhausted", "skipped"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/**
 * Decides after attempt `attempt` (1-based) of a round ended at `endedAt`: delays count from the end of the attempt,
 * `Retry-After` lengthens the next wait, 410 and the end of the schedule end the delivery, a test has one attempt.
 * Source: contract §3.
 */
export function nextStep(
  outcome: Outcome,
  attempt: { readonly number: number; readonly endedAt: number; readonly test: boolean },
  policy: { readonly delays: readonly number[]; readonly timeScale: number },
): NextStep {
  if (outcome.kind === "delivered") return { kind: "delivered" };
  if (attempt.test) return { kind: "exhausted", reason: "attempts_used" };
  if (outcome.gone) return { kind: "exhausted", reason: "gone" };
  const delay = policy.delays[attempt.number - 1];
  if (delay === undefined) return { kind: "exhausted", reason: "attempts_used" };
  const tier = tierAtLeast(Math.max(delay, outcome.retry_after_s));
  // Rounded up, or it would be early by the fraction; and before the sum, in which a small fraction would be lost.
  const wait = Math.ceil(scaledMs(TIER_SECONDS[tier], policy.timeScale));
  return { kind: "retry", tier, due_at: Math.ceil(attempt.endedAt) + wait };
}
