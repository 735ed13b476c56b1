import { scaledMs } from "./schedule";

/** When many webhooks fail at once the fault is likely our own. Source: safety, invariant 7. */
export const INCIDENT = {
  /** With fewer webhooks nothing is protected. */
  leastWebhooks: 20,
  /** Of those active in the last 24 h. */
  share: 0.2,
  windowS: 300,
  activeS: 86_400,
  /** Of the webhooks in it, that have to succeed again. */
  recoveredShare: 0.5,
  lastsS: 86_400,
} as const;

/**
 * When an incident began: the first failure of a window in which at least 20 webhooks, and more than a fifth of the
 * active ones, began to fail; null: there is none. Milliseconds since the epoch.
 * @param starts when webhooks that fail began to, rising
 * @param active how many webhooks had an attempt lately
 */
export function incidentBegan(starts: readonly number[], active: number, timeScale: number): number | null {
  const window = scaledMs(INCIDENT.windowS, timeScale);
  const needed = Math.max(INCIDENT.leastWebhooks, Math.floor(INCIDENT.share * active) + 1);
  const found = starts.find((start, index) => {
    const last = starts[index + needed - 1];
    return last !== undefined && last - start <= window;
  });
  return found ?? null;
}

export interface IncidentState {
  /** Milliseconds since the epoch. */
  readonly opened_at: number;
  /** How many webhooks are in it, and how many of them have succeeded since. */
  readonly webhooks: number;
  readonly recovered: number;
}

/** Why an incident is over by itself; null: it is not. */
export function incidentEnd(incident: IncidentState, now: number, timeScale: number): "recovered" | "time" | null {
  if (incident.recovered >= INCIDENT.recoveredShare * incident.webhooks) return "recovered";
  return now >= incidentEndsAt(incident.opened_at, timeScale) ? "time" : null;
}

/** When it ends at the latest, milliseconds since the epoch. */
export function incidentEndsAt(openedAt: number, timeScale: number): number {
  return openedAt + Math.ceil(scaledMs(INCIDENT.lastsS, timeScale));
}
