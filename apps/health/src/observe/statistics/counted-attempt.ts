import type { CircuitState } from "@waggle/contracts";
import type { AttemptError } from "@waggle/domain";
import type { AttemptEntry } from "../log-entry";

/** An attempt as a webhook's statistics see it. Times in milliseconds since the epoch. */
export interface CountedAttempt {
  readonly webhook_id: string;
  readonly tenant_id: string;
  readonly webhook_version: number;
  readonly try_id: string;
  readonly at: number;
  /** The time that judgements go by. */
  readonly recorded_at: number;
  readonly duration_ms: number;
  readonly status_code: number | null;
  /** Null: it was delivered. */
  readonly error: AttemptError | null;
  readonly circuit: CircuitState | null;
}

/** The attempts among entries, tests excluded: they count nowhere. Source: contract §4. */
export function countedAttempts(entries: readonly AttemptEntry[]): CountedAttempt[] {
  return entries.flatMap(({ identity, state, try_id, webhook_version, circuit, try: made }) => {
    if (made === null || identity.test) return [];
    const { webhook_id, tenant_id } = identity;
    const { at, duration_ms, status_code, error } = made;
    const recorded_at = state.at;
    return [
      { webhook_id, tenant_id, webhook_version, try_id, at, recorded_at, duration_ms, status_code, error, circuit },
    ];
  });
}
