import type { WebhookEntry } from "@waggle/contracts";
import { OUTBOUND_EVENT_TYPES } from "@waggle/domain";

/** An enabled hiveku webhook for all five outbound types, a day older than `anEmailEvent`. */
export function aWebhookEntry(overrides: Partial<WebhookEntry> = {}): WebhookEntry {
  return {
    version: 1,
    deleted: false,
    id: "wh_01HPQRS",
    tenant_id: "ten_01HPQRS",
    url: "https://api.acme.com/webhooks",
    event_types: [...OUTBOUND_EVENT_TYPES],
    tags: [],
    dialect: "hiveku",
    status: "enabled",
    disabled_reason: null,
    created_at: Date.UTC(2026, 3, 16, 12, 0, 0),
    secrets: [],
    headers: [],
    timeout_ms: null,
    max_in_flight: null,
    max_per_second: null,
    retry_delays_s: null,
    ...overrides,
  };
}
