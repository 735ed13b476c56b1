import type { ATTEMPT_RESULTS, CircuitState } from "@waggle/contracts";
import type { AttemptError, Dialect, EventType, WebhookStatus } from "@waggle/domain";
import type { LoggedAttempt } from "../logged-delivery";
import type { LatencyHistogram } from "./latency-histogram";
import type { FailingStreak } from "./webhook-state";

/** A webhook and where it stands; what is not known yet is null. Times in milliseconds since the epoch. */
export interface KnownWebhook extends Pick<FailingStreak, "first_failure_at"> {
  readonly webhook_id: string;
  readonly tenant_id: string;
  readonly status: WebhookStatus;
  readonly dialect: Dialect;
  /** Null: the dialect's. */
  readonly disable_after_s: number | null;
  readonly last_attempt: {
    readonly at: number;
    readonly status_code: number | null;
    readonly error: AttemptError | null;
    readonly duration_ms: number;
  } | null;
  readonly circuit: CircuitState | null;
  readonly circuit_at: number | null;
  /** When it was last enabled. */
  readonly counts_from: number | null;
}

/** Attempts within one hour. */
export interface CountedHour {
  /** When the hour begins, in milliseconds since the epoch. */
  readonly at: number;
  readonly delivered: number;
  readonly failed: number;
}

/** An attempt with what was sent and answered, and what it was about. */
export interface WebhookAttempt extends LoggedAttempt {
  readonly try_id: string;
  readonly delivery_id: string;
  readonly event_id: string;
  readonly event_type: EventType;
  readonly email_id: string;
  readonly recipient: string;
  readonly test: boolean;
  /** Null while only attempts of the delivery are known. */
  readonly request_body: string | null;
}

export interface AttemptPage {
  /** May be fewer than were asked for, although more follow. */
  readonly attempts: readonly WebhookAttempt[];
  /** The place to go on after; null: there are no more. */
  readonly next: AttemptPosition | null;
}

/** A place in the list of a webhook's attempts, which runs from the newest to the oldest. */
export type AttemptPosition = Pick<WebhookAttempt, "at" | "try_id">;

export type AttemptResultFilter = (typeof ATTEMPT_RESULTS)[number];

/** What is known of webhooks, as people read it. */
export abstract class StatisticsReader {
  /**
   * Null when there is no such webhook.
   * @throws WaggleError `database_unavailable`
   */
  abstract webhook(id: string): Promise<KnownWebhook | null>;

  /**
   * A webhook's attempts since a minute, by the hour, oldest first; hours without are left out.
   * @throws WaggleError `database_unavailable`
   */
  abstract hours(webhookId: string, since: number): Promise<readonly CountedHour[]>;

  /**
   * A webhook's attempts since a minute, by whether they were delivered and by duration.
   * @throws WaggleError `database_unavailable`
   */
  abstract total(
    webhookId: string,
    since: number,
  ): Promise<{ readonly delivered: number; readonly failed: number; readonly latencies: LatencyHistogram }>;

  /**
   * The newest attempts of a webhook after `after` (null: from the start), at most `limit`; `result` null: of both.
   * @throws WaggleError `database_unavailable`
   */
  abstract attempts(
    webhook: Pick<KnownWebhook, "webhook_id" | "tenant_id">,
    page: {
      readonly result: AttemptResultFilter | null;
      readonly after: AttemptPosition | null;
      readonly limit: number;
    },
  ): Promise<AttemptPage>;
}
