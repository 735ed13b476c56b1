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
  const { dialect, body } = delivery;
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    "User-Agent": settings.userAgent,
    "Accept-Encoding": "identity",
    "webhook-id": delivery.delivery_id,
    "webhook-timestamp": String(timestampS),
    "webhook-attempt": String(delivery.attempt),
  };
  if (delivery.test) headers["webhook-test"] = "true";
  Object.assign(headers, brandEventHeaders(dialect, { name, inbound_hash: delivery.inbound_hash }));
  const toSign = { dialect, deliveryId: delivery.delivery_id, timestampS, body };
  Object.assign(headers, signatureHeaders(webhook.keys, toSign, now));
  addCustomHeaders(webhook, headers);
  return {
    tenantId: delivery.tenant_id,
    url: webhook.entry.url,
    headers,
    body,
    timeoutMs: webhook.entry.timeout_ms ?? settings.defaultTimeoutMs,
  };
}

const MASK = "***";

/** The headers as they may be kept and shown: lower-case names, the values of custom ones masked. */
export function recordedHeaders(request: OutgoingRequest, webhook: Webhook): Record<string, string> {
  const recorded: Record<string, string> = {};
  for (const name of Object.keys(request.headers)) {
    const value = request.headers[name] ?? "";
    recorded[name.toLowerCase()] = webhook.headers[name] === value ? MASK : value;
  }
  return recorded;
}

/** Adds the webhook's own headers, but none that waggle sends itself in whatever spelling: it would be sent twice. */
function addCustomHeaders(webhook: Webhook, headers: Record<string, string>): void {
  const custom = Object.entries(webhook.headers);
  if (custom.length === 0) return;
  const taken = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  for (const [name, value] of custom) if (!taken.has(name.toLowerCase())) headers[name] = value;
}
