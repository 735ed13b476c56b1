import type { Dialect, DisabledReason, FailureStreak, JudgedWebhook, Warned } from "@waggle/domain";
import type { AuditTrail } from "../manage/audit/audit-entry";
import type { HistoryEntry } from "../manage/webhooks/history-entry";
import type { AlertMail } from "./alerts/alert-mail";
import type { FailedAttempt } from "./failed-attempt";

/** Which webhook is judged: ids are not trusted across tenants. */
export interface WebhookOfTenant {
  readonly webhook_id: string;
  readonly tenant_id: string;
}

/** A webhook with all that a judgement goes by. Times in milliseconds since the epoch. */
export interface WebhookOnTrial extends WebhookOfTenant, JudgedWebhook {
  readonly url: string;
  readonly dialect: Dialect;
  readonly disable_after_s: number | null;
  /** Where its tenant wants alerts; null: nowhere. */
  readonly alert_email: string | null;
  readonly streak: FailureStreak | null;
  /** Failures of the streak. */
  readonly failures: number;
  readonly last_success_at: number | null;
  readonly warned: Warned | null;
  /** An incident is open. */
  readonly frozen: boolean;
}

/** A webhook that nobody can change meanwhile, and what can be done with it in the same transaction. */
export interface Trial extends AuditTrail {
  readonly webhook: WebhookOnTrial;
  /** The last failed attempts that count, newest first. */
  lastFailures(): Promise<readonly FailedAttempt[]>;
  /** Disables it, and lets the directory know. */
  disable(reason: DisabledReason): Promise<void>;
  /** Remembers the longest warning that was given; null: none. */
  remember(warned: Warned | null): Promise<void>;
  record(entry: HistoryEntry): Promise<void>;
  /** Sent once the transaction is committed. */
  mail(mail: AlertMail): Promise<void>;
}

/** The webhooks as they are kept. Every method rejects with `database_unavailable` when they cannot be reached. */
export abstract class JudgedWebhooks {
  /**
   * Runs `work` with a webhook in one transaction: all of it happens, or nothing. Null when the tenant has no such
   * webhook.
   */
  abstract onTrial<Result>(of: WebhookOfTenant, work: (trial: Trial) => Promise<Result>): Promise<Result | null>;

  /** Those among webhooks that are enabled and fail, or were warned about. */
  abstract failingAmong(ids: readonly string[]): Promise<readonly WebhookOnTrial[]>;

  /** All that are enabled and fail, or were warned about, in pages. */
  abstract failing(): AsyncIterable<readonly WebhookOnTrial[]>;
}

/** How far the log is complete. */
export abstract class KnownAttempts {
  /** Finds out anew. Rejects when that cannot be learnt now. */
  abstract refresh(): Promise<void>;
  /**
   * The time up to which every attempt of a webhook is in the log, in milliseconds since the epoch; null: not known
   * here, for another process reads of this webhook.
   */
  abstract until(webhookId: string): number | null;

  /** The time up to which every attempt of every webhook is in the log, whoever reads it; null: not known yet. */
  abstract everywhere(): number | null;
}
