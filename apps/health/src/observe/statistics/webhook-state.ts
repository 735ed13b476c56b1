import type { CircuitState } from "@waggle/contracts";
import type { AttemptError } from "@waggle/domain";
import type { CountedAttempt } from "./counted-attempt";

/** Since when a webhook fails. Times are those at which attempts were decided, in milliseconds since the epoch. */
export interface FailingStreak {
  readonly last_success_at: number | null;
  /** Of the failures after the last success. */
  readonly first_failure_at: number | null;
  /** Of all failures; it ends the streak, if there is one. */
  readonly last_failure_at: number | null;
  /** Failures after the last success. */
  readonly failures: number;
}

/** What attempts say about where their webhook stands. */
export interface WebhookStateChange extends FailingStreak {
  readonly webhook_id: string;
  readonly tenant_id: string;
  /** The highest version that an attempt was made with. */
  readonly version: number;
  readonly last_try_id: string;
  /** When the last attempt began. */
  readonly last_attempt_at: number;
  readonly last_status_code: number | null;
  readonly last_error: AttemptError | null;
  readonly last_duration_ms: number;
  readonly circuit: CircuitState | null;
  readonly circuit_at: number | null;
}

/**
 * One change per webhook, in the order in which every transaction locks the rows. It is the same whatever the order of
 * the attempts; merged into a row it leaves the row that all attempts together would have made.
 */
export function foldStates(attempts: readonly CountedAttempt[]): WebhookStateChange[] {
  const groups = new Map<string, [CountedAttempt, ...CountedAttempt[]]>();
  for (const attempt of attempts) {
    const group = groups.get(attempt.webhook_id);
    if (group) group.push(attempt);
    else groups.set(attempt.webhook_id, [attempt]);
  }
  return [...groups.values()].map(stateFrom).sort((a, b) => (a.webhook_id < b.webhook_id ? -1 : 1));
}

/** A failure decided in the same millisecond as the last success does not count: the receiver was there. */
export function streakOf(attempts: readonly Pick<CountedAttempt, "recorded_at" | "error">[]): FailingStreak {
  let success = Number.NEGATIVE_INFINITY;
  let lastFailure = Number.NEGATIVE_INFINITY;
  for (const { recorded_at, error } of attempts) {
    if (error === null) success = Math.max(success, recorded_at);
    else lastFailure = Math.max(lastFailure, recorded_at);
  }
  let first = Number.POSITIVE_INFINITY;
  let failures = 0;
  for (const { recorded_at, error } of attempts) {
    if (error === null || recorded_at <= success) continue;
    first = Math.min(first, recorded_at);
    failures += 1;
  }
  return {
    last_success_at: finiteOrNull(success),
    first_failure_at: finiteOrNull(first),
    last_failure_at: finiteOrNull(lastFailure),
    failures,
  };
}

function stateFrom(attempts: readonly [CountedAttempt, ...CountedAttempt[]]): WebhookStateChange {
  const [first] = attempts;
  const last = attempts.reduce((a, b) => (isLater([b.at, b.try_id], [a.at, a.try_id]) ? b : a));
  let circuit: CircuitState | null = null;
  let circuitAt: number | null = null;
  for (const { circuit: seen, recorded_at } of attempts) {
    if (seen === null || !isLater([recorded_at, seen], [circuitAt ?? Number.NEGATIVE_INFINITY, circuit ?? ""]))
      continue;
    circuit = seen;
    circuitAt = recorded_at;
  }
  return {
    webhook_id: first.webhook_id,
    tenant_id: first.tenant_id,
    version: attempts.reduce((highest, { webhook_version }) => Math.max(highest, webhook_version), 0),
    last_try_id: last.try_id,
    last_attempt_at: last.at,
    last_status_code: last.status_code,
    last_error: last.error,
    last_duration_ms: last.duration_ms,
    circuit,
    circuit_at: circuitAt,
    ...streakOf(attempts),
  };
}

/** By time, and by text where times are the same: only that makes the order total. */
function isLater([time, text]: readonly [number, string], than: readonly [number, string]): boolean {
  return time === than[0] ? text > than[1] : time > than[0];
}

function finiteOrNull(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}
