import type { ParkReason } from "@waggle/contracts";
import type { Tier } from "@waggle/domain";
import type { Lane, Lanes } from "./lanes";
import { type ParkingContext, tierForOutage, tierForWait } from "./parking";
import type { OwnLimits, WebhookLoad } from "./webhook-load";

/** What may happen to a delivery whose webhook may get it. */
export type Admission =
  | { readonly kind: "start"; readonly lane: Lane }
  /** It waits in its webhook's own queue for `cap`, `pace` or a slot of the fast `lane`. */
  | { readonly kind: "wait"; readonly for: "cap" | "pace" | "lane" }
  | { readonly kind: "park"; readonly reason: ParkReason; readonly tier: Tier }
  | { readonly kind: "lifetime_over" };

/** Milliseconds a delivery may wait in memory; with a longer wait ahead it is parked. Source: architecture. */
const LONGEST_WAIT_MS = 5_000;
/** While much memory is free nobody is helped by parking, which costs two writes and makes what was estimated true. */
const UNHURRIED_WAIT_MS = 30_000;
/** One that will wait no longer than this is not worth parking even when memory is short: its queue is about to drain. */
const SHORT_WAIT_MS = 1_000;
/** Tests of one webhook that may be in flight: they pass by its cap, so a flood of them must not. */
const MOST_TESTS = 2;

interface Question {
  readonly load: WebhookLoad;
  readonly lanes: Lanes;
  readonly lifetimeEndsAt: number;
  readonly timeScale: number;
  /** How often this delivery was parked before this attempt. */
  readonly parks: number;
}

export interface AdmissionQuestion extends Question {
  readonly position: number;
  /** Nothing of this webhook waits before it. */
  readonly isFirst: boolean;
  readonly limits: OwnLimits;
  /** How much of the memory for what waits is taken, 0 to 1 and beyond. */
  readonly fill: number;
  /** It waits already: what was let in is not turned out again by a small change. */
  readonly waitsAlready: boolean;
  /** This process has more to do than it can: everybody's answers come late then, and show nothing but that. */
  readonly saturated: boolean;
}

/**
 * Decides, in the order of the architecture's "Admission": circuit, the webhook's own cap and pace, the lanes. Parking
 * uses up no attempt; a delivery at the end of its lifetime starts if it can and otherwise ends.
 */
export function admit(question: AdmissionQuestion, now: number): Admission {
  const { load, lanes, limits, position, saturated } = question;
  const lane: Lane = load.isSlow(now) ? "slow" : "fast";
  if (load.circuit.isOpen) return admitProbe(question, lane, now);
  const atCap = load.isAtCap(limits.maxInFlight);
  const mayStart = question.isFirst && !atCap && load.pace.waitMs(now) === 0;
  if (mayStart && lanes.hasRoom(lane)) return { kind: "start", lane };
  const { context, park } = parkingOf(question, load.backlog.length, now);
  if (context.lifetimeLeftMs <= 0) return { kind: "lifetime_over" };
  const waitMs = load.estimatedWaitMs(load.backlog.ahead(position), { limits, saturated }, now);
  if (lane === "slow" && !lanes.hasRoom("slow")) {
    return park("slow_lane_full", tierForOutage(Math.min(waitMs, LONGEST_WAIT_MS), context));
  }
  if (waitMs > longestWaitMs(question)) return park("at_cap", tierForWait(waitMs, context));
  if (mayStart) return { kind: "wait", for: "lane" };
  return { kind: "wait", for: question.isFirst && !atCap ? "pace" : "cap" };
}

/** While its circuit is open a webhook gets one delivery at a time, when a probe is due. */
function admitProbe(question: AdmissionQuestion, lane: Lane, now: number): Admission {
  const { load, lanes } = question;
  const isAlone = question.parks === 0 && load.backlog.length <= 1;
  const probeWaitMs = load.circuit.probeWaitMs(now, isAlone);
  if (probeWaitMs === 0 && load.current === 0 && lanes.hasRoom(lane)) return { kind: "start", lane };
  const { context, park } = parkingOf(question, load.backlog.length, now);
  return park("circuit_open", tierForOutage(probeWaitMs, context));
}

function longestWaitMs({ fill, waitsAlready, lanes }: AdmissionQuestion): number {
  if (fill >= 1 && !waitsAlready && lanes.hasRoom("fast")) return SHORT_WAIT_MS;
  return (fill < 0.5 ? UNHURRIED_WAIT_MS : LONGEST_WAIT_MS) * (waitsAlready ? 2 : 1);
}

/**
 * Decides for a test, which passes by circuit, cap and pace but takes a slot of a lane like any other. One that cannot
 * start is parked, longer each time.
 */
export function admitTest(question: Question, now: number): Admission {
  const { load, lanes } = question;
  const { context, park } = parkingOf(question, 0, now);
  const isSlow = load.isSlow(now) || [...load.tests].some((test) => test.lane === "slow");
  const lane: Lane = isSlow ? "slow" : "fast";
  const atCap = load.tests.size >= MOST_TESTS;
  if (!atCap && lanes.hasRoom(lane)) return { kind: "start", lane };
  const tier = tierForOutage(LONGEST_WAIT_MS * 2 ** Math.min(question.parks, 12), context);
  return park(isSlow && !atCap ? "slow_lane_full" : "at_cap", tier);
}

/** Decides for a delivery that cannot be signed: it waits until somebody has mended that. */
export function admitUnsigned(question: Question, now: number): Admission {
  return parkingOf(question, 0, now).park("no_secret", question.parks === 0 ? "5s" : "2m");
}

function parkingOf(question: Question, backlog: number, now: number) {
  const lifetimeLeftMs = question.lifetimeEndsAt - now;
  const context: ParkingContext = { timeScale: question.timeScale, backlog, lifetimeLeftMs, parks: question.parks };
  const park = (reason: ParkReason, tier: Tier): Admission =>
    lifetimeLeftMs <= 0 ? { kind: "lifetime_over" } : { kind: "park", reason, tier };
  return { context, park };
}
