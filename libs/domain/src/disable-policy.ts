import type { ExhaustedReason, SkippedReason } from "./next-step";
import type { DisabledReason, WebhookStatus } from "./webhook";

/** What an attempt, or an end without one, says about its webhook. */
export interface JudgedAttempt {
  readonly test: boolean;
  /** Why its delivery ended with it; null: delivered, or tried again. */
  readonly reason: ExhaustedReason | SkippedReason | null;
  /** The version of the webhook it was made with. */
  readonly webhook_version: number;
}

/** A webhook as it stands when it is judged; every change of it has a higher version. */
export interface JudgedWebhook {
  readonly status: WebhookStatus;
  readonly version: number;
}

/** Whether the receiver said with this attempt that it wants nothing more: a 410. A test says nothing. Contract §3, §4. */
export function saysGone({ test, reason }: Pick<JudgedAttempt, "test" | "reason">): boolean {
  return reason === "gone" && !test;
}

/**
 * The reason for which an attempt disables its webhook; null: it stays as it is. An attempt speaks of the very version
 * it was made with: one that was changed since (re-pointed, enabled again) may be welcome, and after a restore from a
 * backup a lower version is another webhook altogether. Source: contract §3, architecture guarantee 6.
 */
export function disabledBy(attempt: JudgedAttempt, webhook: JudgedWebhook): DisabledReason | null {
  if (webhook.status === "disabled" || webhook.version !== attempt.webhook_version) return null;
  return saysGone(attempt) ? "gone" : null;
}
