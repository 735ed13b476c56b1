import type { ParkReason } from "@waggle/contracts";
import type { Tier } from "@waggle/domain";
import type { Lane, Lanes } from "./lanes";
import { type ParkingContext, tierForOutage, tierForWait } from "./parking";
import type { WebhookLoad } from "./webhook-load";

/** What may happen to a delivery whose webhook may get it. */
export type Admission =
  | { readonly kind: "start"; readonly lane: Lane }
  /** It waits in its webhook's own queue for `cap`, `pace` or a slot of the fast `lane`. */
  | { readonly kind: "wait"; readonly for: "cap" | "pace" | "lane" }
  | { readonly kind: "park"; readonly reason: ParkReason; readonly tier: Tier }
  | { readonly kind: "lifetime_over" };

/** Milliseconds a delivery may wait in memory; with a longer wait ahead it is parked. Source: architecture. */
export const LONGEST_WAIT_MS = 5_000;

export interface AdmissionQuestion {
  readonly load: WebhookLoad;
  readonly position: number;
  /** Nothing of this webhook waits before it. */
  readonly isFirst: boolean;
  readonly limits: { readonly maxInFlight: number | null; readonly maxPerSecond: number | null };
  readonly lanes: Lanes;
  /** Whether there is memory for another waiting delivery. */
  readonly roomToWait: boolean;
  readonly lifetimeEndsAt: number;
  readonly timeScale: number;
}

/**
 * Decides, in the order of the architecture's "Admission": circuit, the webhook's own cap and pace, the lanes. Parking
 * uses up no attempt; a delivery at the end of its lifetime starts if it can and otherwise ends.
 */
export function admit(question: AdmissionQuestion, now: number): Admission {
  const { load, lanes, limits } = question;
  const lifetimeLeftMs = question.lifetimeEndsAt - now;
  const context: ParkingContext = { timeScale: question.timeScale, backlog: load.backlog.length, lifetimeLeftMs };
  const park = (reason: ParkReason, tier: Tier): Admission =>
    lifetimeLeftMs <= 0 ? { kind: "lifetime_over" } : { kind: "park", reason, tier };
  const lane: Lane = load.isSlow(now) ? "slow" : "fast";

  if (load.circuit.isOpen) {
    const probes = load.running.size === 0 && load.circuit.probeWaitMs(now) === 0 && lanes.hasRoom(lane);
    if (probes) return { kind: "start", lane };
    return park("circuit_open", tierForOutage(load.circuit.probeWaitMs(now), context));
  }
  const atCap = load.running.size >= load.cap.limit(limits.maxInFlight);
  const mayStart = question.isFirst && !atCap && load.pace.waitMs(now) === 0;
  if (mayStart && lanes.hasRoom(lane)) return { kind: "start", lane };
  if (lifetimeLeftMs <= 0) return { kind: "lifetime_over" };

  const waitMs = load.estimatedWaitMs(load.backlog.ahead(question.position), limits, now);
  if (lane === "slow" && !lanes.hasRoom("slow")) {
    return park("slow_lane_full", tierForOutage(Math.min(waitMs, LONGEST_WAIT_MS), context));
  }
  if (waitMs > LONGEST_WAIT_MS || (!question.roomToWait && lanes.hasRoom("fast"))) {
    return park("at_cap", tierForWait(waitMs, context));
  }
  if (mayStart) return { kind: "wait", for: "lane" };
  return { kind: "wait", for: question.isFirst && !atCap ? "pace" : "cap" };
}
