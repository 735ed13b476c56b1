/** Attempts as a dispatcher records them, for a bench that has none. */
import { randomBytes } from "node:crypto";

const FAILED_SHARE = 0.02;

/**
 * @param {number} count
 * @param {{ webhooks: number, responseBytes: number, publisherIds?: boolean, daysAgo?: number }} of
 * @returns {Generator<{ key: string, value: string }>}
 */
export function* attemptRecords(count, { webhooks, responseBytes, publisherIds = false, daysAgo = 0 }) {
  const now = Date.now() - daysAgo * 86_400_000;
  const responseBody = "thank you ".repeat(responseBytes / 10);
  for (let index = 0; index < count; index++) {
    // Accepted over ten minutes, in their order.
    const acceptedAt = now - 600_000 + Math.floor((600_000 * index) / count);
    yield attempt(index % webhooks, { acceptedAt, responseBody, publisherIds });
  }
}

function attempt(webhook, { acceptedAt, responseBody, publisherIds }) {
  const id = randomBytes(16).toString("hex");
  const failed = Math.random() < FAILED_SHARE;
  const duration = Math.round(20 + 200 * Math.random() ** 4);
  const at = acceptedAt + 15;
  const record = {
    delivery_id: `dlv_${id}`,
    event_id: `evt_${id}`,
    webhook_id: `wh_${String(webhook).padStart(26, "0")}`,
    tenant_id: `ten_${String(webhook % 10).padStart(26, "0")}`,
    event_type: "delivery",
    email_id: `msg_${id}`,
    recipient: `customer-${webhook}@example.com`,
    tags: ["order-shipped"],
    dialect: "hiveku",
    accepted_at: acceptedAt,
    publisher_id: publisherIds,
    test: false,
    try_id: `try_${randomBytes(16).toString("hex")}`,
    round: 1,
    recorded_at: at + duration,
    webhook_version: 1,
    circuit: "closed",
    try: {
      number: 1,
      at,
      duration_ms: duration,
      status_code: failed ? 503 : 200,
      error: failed ? "http_status" : null,
      request_headers: {
        "content-type": "application/json",
        "user-agent": "waggle/0.1.0",
        "webhook-id": `dlv_${id}`,
        "webhook-timestamp": String(Math.floor(at / 1_000)),
        "webhook-signature": `v1,${randomBytes(32).toString("base64")}`,
        "webhook-attempt": "1",
        "x-hiveku-signature": randomBytes(32).toString("hex"),
      },
      response_headers: { "content-type": "application/json", date: new Date(at).toUTCString(), server: "nginx" },
      response_body: responseBody,
      response_truncated: false,
    },
    state: failed
      ? { status: "pending", reason: null, next_attempt_at: at + duration + 30_000 }
      : { status: "delivered", reason: null, next_attempt_at: null },
  };
  return { key: record.webhook_id, value: JSON.stringify(record) };
}

/**
 * The deliveries that attempts were made for, as a router records them.
 * @param {Iterable<{ key: string, value: string }>} attempts
 */
export function* deliveriesOf(attempts) {
  for (const { key, value } of attempts) {
    const made = JSON.parse(value);
    const headers = {
      "delivery-id": made.delivery_id,
      "event-id": made.event_id,
      "tenant-id": made.tenant_id,
      "event-type": made.event_type,
      "email-id": made.email_id,
      recipient: made.recipient,
      tags: JSON.stringify(made.tags),
      dialect: made.dialect,
      ...(made.publisher_id ? { "publisher-id": "1" } : {}),
      round: "1",
      attempt: "1",
      park: "0",
      "due-at": String(made.accepted_at),
      "accepted-at": String(made.accepted_at),
      "first-due-at": String(made.accepted_at),
      "min-webhook-version": "1",
    };
    yield { key, value: JSON.stringify({ id: made.event_id, data: { to: made.recipient } }), headers };
  }
}
