import type { DeliveryRecord, ParkReason } from "@waggle/contracts";
import { scaledMs, TIER_SECONDS, type Tier } from "@waggle/domain";
import type { Job } from "./job";

/** A delivery on its way to a tier. */
export interface NextDelivery {
  readonly delivery: DeliveryRecord;
  readonly tier: Tier;
  readonly partition: number;
}

/** The same delivery, waiting for its next attempt. */
export function retryOf(job: Job, step: { readonly tier: Tier; readonly due_at: number }): NextDelivery {
  const delivery = {
    ...job.delivery,
    attempt: job.delivery.attempt + 1,
    park: 0,
    park_reason: null,
    park_position: null,
    due_at: step.due_at,
  };
  return { delivery, tier: step.tier, partition: job.partition };
}

/** The same delivery and attempt, put aside at `now` (milliseconds since the epoch) for as long as the tier lasts. */
export function parkedOf(
  job: Job,
  how: { readonly reason: ParkReason; readonly tier: Tier; readonly position: string | null },
  { now, timeScale }: { readonly now: number; readonly timeScale: number },
): NextDelivery {
  const delivery = {
    ...job.delivery,
    park: job.delivery.park + 1,
    park_reason: how.reason,
    park_position: how.position,
    due_at: Math.ceil(now + scaledMs(TIER_SECONDS[how.tier], timeScale)),
  };
  return { delivery, tier: how.tier, partition: job.partition };
}
