import { INCIDENT, incidentBegan, incidentEnd, scaledMs } from "@waggle/domain";
import { newId } from "@waggle/secrets";
import { incidentEnding, incidentOpened } from "./incident-audit";
import type { IncidentStore } from "./ports";

export interface IncidentWatchParts {
  readonly store: IncidentStore;
  readonly timeScale: number;
  readonly now: () => number;
  readonly logger: { warn(fields: object, event: string): void };
}

/** How far back beginnings are looked for by default: PostgreSQL may have been away since an outage began. */
const LOOK_BACK_S = 86_400;

/** Opens an incident when many webhooks begin to fail at once, and closes it when that is over. */
export class IncidentWatch {
  constructor(private readonly parts: IncidentWatchParts) {}

  /**
   * @param since from when on beginnings count, milliseconds since the epoch; at least the last day's are looked for
   * @throws WaggleError `database_unavailable`
   */
  async watch(since = Number.POSITIVE_INFINITY): Promise<void> {
    const { store, timeScale, now, logger } = this.parts;
    const latest = await store.latest();
    if (latest === null || latest.closed_at !== null) return this.look(since);
    await store.grow(latest);
    const incident = (await store.latest()) ?? latest;
    const closed_at = now();
    const by = incidentEnd(incident, closed_at, timeScale);
    if (by === null) return;
    if (!(await store.end(incident, incidentEnding("waggle", incident, { closed_at, closed_by: by })))) return;
    const { id, webhooks, recovered } = incident;
    logger.warn({ incident_id: id, by, webhooks, recovered }, "incident.closed");
  }

  private async look(since: number): Promise<void> {
    const { store, timeScale, now, logger } = this.parts;
    const opened_at = now();
    const starts = await store.failureStarts(Math.min(since, opened_at - scaledMs(LOOK_BACK_S, timeScale)));
    // All webhooks are counted only when there are enough that fail.
    if (incidentBegan(starts, 0, timeScale) === null) return;
    const active = await store.activeSince(opened_at - scaledMs(INCIDENT.activeS, timeScale));
    const began_at = incidentBegan(starts, active, timeScale);
    if (began_at === null) return;
    const id = newId("inc", opened_at);
    const incident = { id, opened_at, began_at };
    const isNew = await store.begin(incident, incidentOpened(incident));
    if (isNew) logger.warn({ incident_id: id, active }, "incident.opened");
  }
}
