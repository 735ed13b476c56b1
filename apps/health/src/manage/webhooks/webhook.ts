import type { SealedSecret, SubscribedEvent, WebhookEntry } from "@waggle/contracts";
import type { Dialect, DisabledReason, WebhookStatus } from "@waggle/domain";

/** A subscription of one receiver. Times in milliseconds since the epoch, null settings: the dialect's or default. */
export interface Webhook {
  readonly id: string;
  readonly tenant_id: string;
  readonly url: string;
  readonly events: readonly SubscribedEvent[];
  /** Empty: whatever the tags. */
  readonly tags: readonly string[];
  readonly description: string | null;
  readonly dialect: Dialect;
  readonly status: WebhookStatus;
  readonly disabled_reason: DisabledReason | null;
  readonly failing_since: number | null;
  /** Custom headers, their values sealed like secrets. */
  readonly headers: WebhookEntry["headers"];
  readonly timeout_ms: number | null;
  readonly max_in_flight: number | null;
  readonly max_per_second: number | null;
  readonly retry_delays_s: readonly number[] | null;
  readonly disable_after_s: number | null;
  /** Its own, newest first; empty: it signs with the tenant's shared secret. AAD `<tenant id>|<webhook id>`. */
  readonly secrets: readonly SealedSecret[];
  readonly created_at: number;
  readonly updated_at: number;
  /** Of its last change; 0 before the first. */
  readonly version: number;
}

/** The webhook as it is once enabled: failing for nothing that was before. */
export function enabled(webhook: Webhook): Webhook {
  return { ...webhook, status: "enabled", disabled_reason: null, failing_since: null };
}

/** The webhook as it is once disabled; one that is disabled keeps its reason. */
export function disabled(webhook: Webhook, reason: DisabledReason): Webhook {
  if (webhook.status === "disabled") return webhook;
  return { ...webhook, status: "disabled", disabled_reason: reason };
}
