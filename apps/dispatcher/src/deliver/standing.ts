import type { DeliveryRecord } from "@waggle/contracts";
import type { SkippedReason } from "@waggle/domain";
import type { Webhooks } from "./ports";
import type { Webhook } from "./webhook";

/** What the webhook's present state means for a delivery that is due. */
export type Standing =
  | { readonly kind: "send"; readonly webhook: Webhook }
  | { readonly kind: "skip"; readonly reason: SkippedReason; readonly version: number }
  /** The directory lags behind what the delivery assumes: ask again when it has moved. */
  | { readonly kind: "await_directory" }
  /** It cannot be signed, because its secret is missing or does not open: nothing goes out unsigned. */
  | { readonly kind: "no_secret"; readonly webhook: Webhook }
  /** A re-queue started a newer round. */
  | { readonly kind: "superseded" };

export interface StandingContext {
  /** The webhook version that answered 410, null when none did. */
  readonly goneVersion: number | null;
  /** Whether the delivery has waited for the directory as long as it may. */
  readonly waitedEnough: boolean;
}

/**
 * Judged at the moment a delivery is due: a webhook that was disabled, deleted or changed while it waited counts as it
 * is now. A webhook that answered 410 is treated as disabled until the directory has a newer version of it. A test is
 * sent to a disabled webhook too.
 */
export function standingOf(delivery: DeliveryRecord, webhooks: Webhooks, context: StandingContext): Standing {
  if (delivery.round < webhooks.minRound(delivery.delivery_id)) return { kind: "superseded" };
  const webhook = webhooks.find(delivery.webhook_id);
  if (webhook === "deleted") return { kind: "skip", reason: "webhook_deleted", version: 0 };
  const version = webhook === "unknown" ? -1 : webhook.entry.version;
  if (version < delivery.min_webhook_version && !context.waitedEnough) return { kind: "await_directory" };
  if (webhook === "unknown") return { kind: "skip", reason: "webhook_deleted", version: 0 };
  const isGone = context.goneVersion !== null && version <= context.goneVersion;
  if (!delivery.test && (webhook.entry.status === "disabled" || isGone)) {
    return { kind: "skip", reason: "webhook_disabled", version };
  }
  return { kind: webhook.keys.length === 0 ? "no_secret" : "send", webhook };
}
