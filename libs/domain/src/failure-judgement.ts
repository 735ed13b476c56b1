import type { Dialect } from "./dialect";
import { scaledMs } from "./schedule";

const HOUR_S = 3_600;

/** Seconds without a success after which a webhook is disabled; 0: never. Source: contract §3 "auto-disable". */
export const DISABLE_AFTER_S: Readonly<Record<Dialect, number>> = {
  hiveku: 24 * HOUR_S,
  buzzmark: 0,
  standard: 24 * HOUR_S,
};

/** Seconds without a success after which a webhook's tenant is warned. Source: contract §4 "alerts". */
export const WARN_AFTER_S = [HOUR_S, 12 * HOUR_S] as const;

/** The part of the window that must lie between the first and the last failure. Architecture, guarantee 6. */
const EVIDENCE_SHARE = 0.75;

/** The seconds after which a webhook that only fails is disabled: its own or its dialect's; 0: never. */
export function disableAfterS(webhook: { readonly dialect: Dialect; readonly disable_after_s: number | null }): number {
  return webhook.disable_after_s ?? DISABLE_AFTER_S[webhook.dialect];
}

/** When a webhook that goes on failing is disabled, milliseconds since the epoch; null: never. */
export function disableAt(failingSince: number, disableAfter: number, timeScale: number): number | null {
  return disableAfter === 0 ? null : failingSince + Math.ceil(scaledMs(disableAfter, timeScale));
}

/** The failures of a webhook that count: since its last success and since it was last enabled. Milliseconds. */
export interface FailureStreak {
  readonly failing_since: number;
  readonly last_failure_at: number;
}

/** What was last said about a webhook, so that it is said once. */
export interface Warned {
  readonly failing_since: number;
  /** The longest of `WARN_AFTER_S` that a warning was about. */
  readonly after_s: number;
}

/** All that a judgement about time goes by. */
export interface FailureEvidence {
  /** Null: nothing failed since the last success. */
  readonly streak: FailureStreak | null;
  readonly last_success_at: number | null;
  readonly warned: Warned | null;
  /** As `disableAfterS` has it. */
  readonly disable_after_s: number;
  /** The time up to which every attempt of the webhook is known: never the clock, which runs on when the log does not. */
  readonly known_until: number;
  /** An incident is open: it may be our own outage. */
  readonly frozen: boolean;
  readonly time_scale: number;
}

/** What follows from a judgement, for others to act on. */
export type FailureSignal =
  | { readonly kind: "recovered"; readonly failing_since: number }
  | {
      readonly kind: "warn";
      readonly failing_since: number;
      readonly after_s: number;
      readonly disable_at: number | null;
    }
  | { readonly kind: "disable"; readonly failing_since: number };

/**
 * Judges an enabled webhook by how long it has failed without a single success. A disable needs its whole window, and
 * failures over three quarters of it: one failure a day ago is no evidence. Of warnings that are due at once only the
 * longest is given, and none with a disable. Source: contract §3, architecture guarantee 6.
 */
export function judgeFailures(evidence: FailureEvidence): FailureSignal[] {
  const { streak, warned, last_success_at } = evidence;
  const recovered = warned !== null && last_success_at !== null && last_success_at > warned.failing_since;
  const signals: FailureSignal[] = recovered ? [{ kind: "recovered", failing_since: warned.failing_since }] : [];
  const verdict = streak && judgeStreak(streak, evidence, recovered ? 0 : (warned?.after_s ?? 0));
  return verdict ? [...signals, verdict] : signals;
}

function judgeStreak(streak: FailureStreak, evidence: FailureEvidence, warnedAfter: number): FailureSignal | null {
  const { disable_after_s, known_until, frozen, time_scale } = evidence;
  const { failing_since, last_failure_at } = streak;
  const disable_at = disableAt(failing_since, disable_after_s, time_scale);
  const shown = EVIDENCE_SHARE * scaledMs(disable_after_s, time_scale);
  const proven = last_failure_at - failing_since >= shown;
  if (disable_at !== null && known_until >= disable_at && proven && !frozen) return { kind: "disable", failing_since };
  const due = WARN_AFTER_S.findLast((seconds) => known_until - failing_since >= scaledMs(seconds, time_scale));
  if (due === undefined || due <= warnedAfter) return null;
  return { kind: "warn", failing_since, after_s: due, disable_at };
}
