import type { FailureSignal } from "@waggle/domain";
import type { FailedAttempt } from "../failed-attempt";
import { mailBody } from "./mail-body";

/** A mail that tells a tenant how one of its webhooks is doing. */
export interface AlertMail {
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What there is to tell: what came of judging failures, or a receiver that said it is gone. */
export type AlertReason = FailureSignal | { readonly kind: "gone" };

export interface AlertFacts {
  readonly recipient: string;
  readonly webhook: { readonly webhook_id: string; readonly url: string };
  /** The window of the webhook, in seconds; 0: it is never disabled for failing. */
  readonly disable_after_s: number;
  /** An incident is open. */
  readonly frozen: boolean;
  /** Newest first. */
  readonly last_failures: readonly FailedAttempt[];
}

/**
 * The mail for a signal. Only the subject of one that tells of a disable contains "disabled". No URL stands in a
 * subject: it is the tenant's text. Source: contract §4 "alerts".
 */
export function alertMail(reason: AlertReason, facts: AlertFacts): AlertMail {
  const { recipient, webhook, disable_after_s, frozen, last_failures } = facts;
  const { webhook_id: id, url } = webhook;
  const { subject, paragraphs } = told(reason, { id, disable_after_s, frozen });
  const failures = reason.kind === "recovered" ? [] : last_failures;
  return {
    recipient,
    subject: `[waggle] ${subject}`,
    ...mailBody({
      facts: [
        ["Webhook", id],
        ["URL", url],
      ],
      paragraphs,
      list: { title: "Last failed attempts:", items: failures.map(failureLine) },
    }),
  };
}

/** Seconds in the largest unit that divides them: `1 hour`, `90 minutes`. */
export function spokenDuration(seconds: number): string {
  const [size, unit] = UNITS.find(([each]) => seconds % each === 0) ?? [1, "second"];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

const UNITS = [
  [3_600, "hour"],
  [60, "minute"],
] as const;

interface Told {
  readonly subject: string;
  readonly paragraphs: readonly string[];
}

function told(
  reason: AlertReason,
  { id, disable_after_s, frozen }: { id: string } & Pick<AlertFacts, "disable_after_s" | "frozen">,
): Told {
  switch (reason.kind) {
    case "warn":
      return {
        subject: `Webhook ${id} has been failing for ${spokenDuration(reason.after_s)}`,
        paragraphs: [withoutSuccess(reason.failing_since), prospect(reason.disable_at, frozen)],
      };
    case "disable":
      return {
        subject: `Webhook ${id} was disabled after failing for ${spokenDuration(disable_after_s)}`,
        paragraphs: [withoutSuccess(reason.failing_since), MEANWHILE, howToEnable(id)],
      };
    case "gone":
      return {
        subject: `Webhook ${id} was disabled: its receiver answered 410 Gone`,
        paragraphs: ["A receiver that answers 410 wants nothing more.", MEANWHILE, howToEnable(id)],
      };
    case "recovered":
      return {
        subject: `Webhook ${id} has recovered`,
        paragraphs: [`It had been failing since ${instant(reason.failing_since)}; an attempt has succeeded again.`],
      };
  }
}

function withoutSuccess(since: number): string {
  return `Not one attempt has succeeded since ${instant(since)}.`;
}

function prospect(disableAt: number | null, frozen: boolean): string {
  if (disableAt === null) {
    return "It is not disabled automatically: deliveries are tried again until their schedule ends.";
  }
  if (frozen) {
    return "Many webhooks began to fail at once, so the fault may be ours: until that is over none is disabled for it.";
  }
  return `If attempts go on failing it will be disabled at ${instant(disableAt)}, or with a later failed attempt if the last one comes long before. A single 2xx answer prevents that.`;
}

const MEANWHILE = "Nothing is sent to it until it is enabled again; what it would have got is kept as skipped.";

function howToEnable(id: string): string {
  return `Once the receiver works, enable it: POST /v1/webhooks/${id}/enable. What was missed can be sent again then.`;
}

function failureLine({ at, status_code, error }: FailedAttempt): string {
  return `${instant(at)}  ${status_code === null ? error : `HTTP ${status_code}`}`;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
