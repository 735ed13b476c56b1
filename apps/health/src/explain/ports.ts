import type { DeliveryState } from "@waggle/contracts";
import type { EventType, SubscriptionFilter } from "@waggle/domain";
import type { KeptEvent } from "./kept-event";

/** What an event came to for one webhook, as the log has it. Times in milliseconds since the epoch. */
export interface EventDelivery extends DeliveryState {
  readonly delivery_id: string;
  readonly event_id: string;
  readonly webhook_id: string;
  readonly round: number;
  readonly attempt_count: number;
}

/** A webhook that is there now, with the filter it had at some time; before it was made, its first. */
export interface WebhookThen {
  readonly webhook_id: string;
  readonly url: string;
  readonly filter: SubscriptionFilter;
}

/** A place among the events of one email, which run from the oldest to the newest. */
export interface EventPosition {
  readonly accepted_at: number;
  readonly event_id: string;
}

/** A filter that is tried on a tenant's events. */
export interface FilterTrial {
  readonly tenant_id: string;
  readonly types: readonly EventType[];
  /** Empty: whatever the tags. */
  readonly tags: readonly string[];
  /** Accepted at or after this. */
  readonly since: number;
}

export interface TrialResult {
  readonly matched: number;
  /** How many events were looked at: the newest, up to a bound. */
  readonly examined: number;
  /** The time since which all events were looked at: that of the trial, or later when there were too many. */
  readonly since: number;
  /** The newest that match. */
  readonly examples: readonly KeptEvent[];
}

/** Events as they were accepted. Of several copies of one id the first is the event. */
export abstract class EventReader {
  /**
   * The events of this id, one a tenant, at most two: a publisher's id means something to its own tenant only.
   * `tenantId` null: of any tenant.
   * @throws WaggleError `database_unavailable`
   */
  abstract find(eventId: string, tenantId: string | null): Promise<readonly KeptEvent[]>;

  /**
   * Events of one email after a place (null: from the first), at most `limit`.
   * @throws WaggleError `database_unavailable`
   */
  abstract ofEmail(
    email: { readonly tenant_id: string; readonly email_id: string },
    page: { readonly after: EventPosition | null; readonly limit: number },
  ): Promise<readonly KeptEvent[]>;

  /**
   * What became of events, by webhook id. Samples sent by hand are none of them.
   * @throws WaggleError `database_unavailable`
   */
  abstract deliveries(tenantId: string, eventIds: readonly string[]): Promise<readonly EventDelivery[]>;

  /**
   * The tenant's webhooks, by id, with their filters of the time `at` (milliseconds since the epoch).
   * @throws WaggleError `database_unavailable`
   */
  abstract webhooks(tenantId: string, at: number): Promise<readonly WebhookThen[]>;

  /** @throws WaggleError `database_unavailable` */
  abstract tryFilter(trial: FilterTrial, examples: number): Promise<TrialResult>;
}
