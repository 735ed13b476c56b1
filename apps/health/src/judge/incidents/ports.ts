import type { INCIDENT_ENDS } from "@waggle/contracts";
import type { IncidentState } from "@waggle/domain";
import type { AuditEntry } from "../../manage/audit/audit-entry";

/** Who or what ended an incident. */
export type IncidentEnd = (typeof INCIDENT_ENDS)[number];

/** Many webhooks began to fail at once; while it is open none is disabled for failing. Milliseconds since the epoch. */
export interface Incident extends IncidentState {
  readonly id: string;
  /** When the first of its webhooks began to fail. */
  readonly began_at: number;
  readonly closed_at: number | null;
  readonly closed_by: IncidentEnd | null;
}

/** How an incident is closed, and what the audit log says of it. */
export interface IncidentEnding {
  readonly closed_at: number;
  readonly closed_by: IncidentEnd;
  readonly audit: AuditEntry;
}

/** Incidents as they are kept. Every method rejects with `database_unavailable` when they cannot be reached. */
export abstract class IncidentStore {
  /** The last one, open or not. */
  abstract latest(): Promise<Incident | null>;

  /**
   * When enabled webhooks that fail began to, as far as that was not before `since`; rising. Those that an earlier
   * incident left behind, closed by an operator or by time, have not begun again until they had a 2xx.
   */
  abstract failureStarts(since: number): Promise<readonly number[]>;

  /** How many webhooks had an attempt after `since`. */
  abstract activeSince(since: number): Promise<number>;

  /** Opens an incident with the webhooks that fail since it began, and records that. False when one is open already. */
  abstract begin(incident: Pick<Incident, "id" | "opened_at" | "began_at">, audit: AuditEntry): Promise<boolean>;

  /** Adds the webhooks that have begun to fail meanwhile, or again. */
  abstract grow(incident: Incident): Promise<void>;

  /**
   * Closes it, and records that; the failures of its webhooks that have not succeeded since count from then on. False
   * when it is closed already.
   */
  abstract end(incident: Incident, ending: IncidentEnding): Promise<boolean>;
}
