import { type DisabledReason, disableAfterS, type FailureSignal } from "@waggle/domain";
import { type AuditEntry, auditEntry } from "../manage/audit/audit-entry";
import { type HistoryAction, judgedEntry } from "../manage/webhooks/history-entry";
import { type AlertReason, alertMail } from "./alerts/alert-mail";
import type { FailedAttempt } from "./failed-attempt";
import type { Trial, WebhookOnTrial } from "./ports";

/** What a receiver said with a 410, and which delivery it said it to. */
export interface GoneSignal {
  readonly kind: "gone";
  readonly delivery_id: string;
}

export type WebhookSignal = FailureSignal | GoneSignal;

/** What a signal is called in the history. */
const ACTION: Readonly<Record<WebhookSignal["kind"], HistoryAction>> = {
  warn: "warned",
  disable: "disabled",
  gone: "disabled",
  recovered: "recovered",
};

/**
 * Does what follows from a signal, all of it in the trial's transaction: the change, an entry in the history with the
 * evidence, one in the audit log when the webhook was disabled, and a mail if the tenant wants mails. Resolves to why the webhook was disabled, null when it was not.
 */
export async function act(trial: Trial, signal: WebhookSignal, at: number): Promise<DisabledReason | null> {
  const { webhook } = trial;
  const failures = signal.kind === "recovered" ? [] : await trial.lastFailures();
  const reason = await change(trial, signal);
  if (reason !== null) await trial.recordAudit(disabledByWaggle(webhook, reason, at));
  const details = evidence(trial, signal, failures);
  await trial.record(judgedEntry({ webhook_id: webhook.webhook_id, at, action: ACTION[signal.kind], details }));
  if (webhook.alert_email !== null) {
    const told: AlertReason = signal;
    await trial.mail(
      alertMail(told, {
        recipient: webhook.alert_email,
        webhook,
        disable_after_s: disableAfterS(webhook),
        frozen: webhook.frozen,
        last_failures: failures,
      }),
    );
  }
  return reason;
}

function disabledByWaggle({ tenant_id, webhook_id }: WebhookOnTrial, reason: DisabledReason, at: number): AuditEntry {
  return auditEntry("waggle", {
    at,
    tenant_id,
    action: "webhook.disabled",
    resource_id: webhook_id,
    before: { status: "enabled", disabled_reason: null },
    after: { status: "disabled", disabled_reason: reason },
  });
}

async function change(trial: Trial, signal: WebhookSignal): Promise<DisabledReason | null> {
  switch (signal.kind) {
    case "warn":
      await trial.remember({ failing_since: signal.failing_since, after_s: signal.after_s });
      return null;
    case "recovered":
      await trial.remember(null);
      return null;
    case "disable":
      await trial.disable("failing");
      return "failing";
    case "gone":
      await trial.disable("gone");
      return "gone";
  }
}

function evidence({ webhook }: Trial, signal: WebhookSignal, failures: readonly FailedAttempt[]) {
  const last_failures = failures.map(({ at, status_code, error }) => ({ at: instant(at), status_code, error }));
  if (signal.kind === "gone") return { reason: "gone", delivery_id: signal.delivery_id, last_failures };
  const failing_since = instant(signal.failing_since);
  if (signal.kind === "recovered") return { failing_since, succeeded_at: instantOrNull(webhook.last_success_at) };
  const shown = {
    failing_since,
    last_failure_at: instantOrNull(webhook.streak?.last_failure_at ?? null),
    last_success_at: instantOrNull(webhook.last_success_at),
    failures: webhook.failures,
    disable_after_s: disableAfterS(webhook),
    last_failures,
  };
  if (signal.kind === "disable") return { reason: "failing", ...shown };
  return { failing_for_s: signal.after_s, disable_at: instantOrNull(signal.disable_at), ...shown };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instant(ms);
}
