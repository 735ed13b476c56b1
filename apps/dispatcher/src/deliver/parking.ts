import { TIER_SECONDS, TIERS, type Tier, tierAtLeast, tierAtMost } from "@waggle/domain";

/**
 * Parked deliveries of one webhook that may come back per second: more would only circulate. To a busy one about as many
 * should, or it would find nothing to take when it gets faster.
 */
const RETURNS_PER_S = { outage: 20, busy: 10 } as const;
/** An outage may end at any time; what waits for that should not wait much longer. */
const LONGEST_FOR_OUTAGE = "1h";
/** A delivery is parked for a little less than its estimated wait, so that the queue does not run empty. */
const MARGIN = 0.8;

export interface ParkingContext {
  readonly timeScale: number;
  /** How many deliveries of the webhook wait, parked ones included. */
  readonly backlog: number;
  /** Milliseconds until the delivery's lifetime ends. */
  readonly lifetimeLeftMs: number;
  /** How often the delivery was parked before this attempt. */
  readonly parks: number;
}

/**
 * For a busy webhook: the longest tier not above the estimated wait, so that its queue never runs empty – and no longer
 * than it takes to keep few circulating, because a receiver may get faster than it is now.
 */
export function tierForWait(waitMs: number, context: ParkingContext): Tier {
  const seconds = Math.min(
    (waitMs * MARGIN) / 1_000,
    context.backlog / RETURNS_PER_S.busy,
    context.lifetimeLeftMs / 1_000,
  );
  return shorter(tierAtMost(seconds * context.timeScale), longestFor(context));
}

/**
 * For a webhook that takes nothing now: soon enough to be there for the next probe, but the more wait, the longer the
 * tier, or a large backlog would be read and written again every few seconds.
 */
export function tierForOutage(probeWaitMs: number, context: ParkingContext): Tier {
  const untilProbe = tierAtLeast((probeWaitMs / 1_000) * context.timeScale);
  const forCrowd = tierAtLeast((context.backlog / RETURNS_PER_S.outage) * context.timeScale);
  const tier = longer(untilProbe, shorter(forCrowd, longestFor(context)));
  const lifetimeTier = tierAtMost((context.lifetimeLeftMs / 1_000) * context.timeScale);
  return shorter(shorter(tier, LONGEST_FOR_OUTAGE), lifetimeTier);
}

/** One tier more with every time: an estimate that is wrong, as at the start of a burst, costs seconds and not minutes. */
function longestFor({ parks }: ParkingContext): Tier {
  return TIERS[parks] ?? "6h";
}

function longer(a: Tier, b: Tier): Tier {
  return TIER_SECONDS[a] >= TIER_SECONDS[b] ? a : b;
}

function shorter(a: Tier, b: Tier): Tier {
  return TIER_SECONDS[a] <= TIER_SECONDS[b] ? a : b;
}
