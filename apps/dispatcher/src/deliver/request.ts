import type { DeliveryRecord } from "@waggle/contracts";
import { brandEventHeaders, eventName } from "@waggle/domain";
import type { OutgoingRequest } from "./ports";
import { signatureHeaders } from "./signature";
import type { Webhook } from "./webhook";

export interface RequestSettings {
  readonly userAgent: string;
  /** Milliseconds a whole attempt may take when the webhook does not say. */
  readonly defaultTimeoutMs: number;
}

/** The signed POST of one attempt that starts at `now` (milliseconds since the epoch). Source: contract §3. */
export function buildRequest(
  delivery: DeliveryRecord,
  webhook: Webhook,
  { now, ...settings }: RequestSettings & { readonly now: number },
): OutgoingRequest {
  const timestampS = Math.floor(now / 1_000);
  const name = eventName(delivery.dialect, delivery.event_type);
  const own: Record<string, string> = {
    "Content-Type": "application/json",
    "User-Agent": settings.userAgent,
    "Accept-Encoding": "identity",
    "webhook-id": delivery.delivery_id,
    "webhook-timestamp": String(timestampS),
    "webhook-attempt": String(delivery.attempt),
    ...(delivery.test ? { "webhook-test": "true" } : {}),
    ...brandEventHeaders(delivery.dialect, { name, inbound_hash: delivery.inbound_hash }),
    ...signatureHeaders(
      webhook.keys,
      { dialect: delivery.dialect, deliveryId: delivery.delivery_id, timestampS, body: delivery.body },
      now,
    ),
  };
  return {
    url: webhook.entry.url,
    headers: { ...customHeaders(webhook, own), ...own },
    body: delivery.body,
    timeoutMs: webhook.entry.timeout_ms ?? settings.defaultTimeoutMs,
  };
}

const MASK = "***";

/** The headers as they may be kept and shown: lower-case names, the values of custom ones masked. */
export function recordedHeaders(request: OutgoingRequest, webhook: Webhook): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => {
      const isCustom = webhook.headers[name] === value;
      return [name.toLowerCase(), isCustom ? MASK : value];
    }),
  );
}

/** The webhook's own headers, without any that waggle sends itself in whatever spelling: it would be sent twice. */
function customHeaders(webhook: Webhook, own: Readonly<Record<string, string>>): Record<string, string> {
  const custom = Object.entries(webhook.headers);
  if (custom.length === 0) return {};
  const taken = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  return Object.fromEntries(custom.filter(([name]) => !taken.has(name.toLowerCase())));
}
