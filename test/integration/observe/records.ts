import { randomUUID } from "node:crypto";
import type { AttemptRecord, DeliveryIdentity, DeliveryRecord, HttpTry } from "@waggle/contracts";

/** One delivery of a bounce to a hiveku webhook, accepted a minute ago. */
export function anIdentity(overrides: Partial<DeliveryIdentity> = {}): DeliveryIdentity {
  return {
    delivery_id: `dlv_${randomUUID().replaceAll("-", "")}`,
    event_id: `evt_${randomUUID()}`,
    webhook_id: "wh_1",
    tenant_id: "ten_1",
    event_type: "bounce",
    email_id: "msg_1",
    recipient: "customer@example.com",
    tags: ["order-shipped"],
    dialect: "hiveku",
    accepted_at: Date.now() - 60_000,
    publisher_id: false,
    test: false,
    ...overrides,
  };
}

/** The record that begins a round. */
export function aDelivery(identity: DeliveryIdentity, overrides: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    ...identity,
    round: 1,
    attempt: 1,
    park: 0,
    park_reason: null,
    park_position: null,
    due_at: identity.accepted_at + 10,
    first_due_at: identity.accepted_at + 10,
    min_webhook_version: 1,
    inbound_hash: null,
    traceparent: null,
    body: Buffer.from(`{"id":"${identity.event_id}"}`),
    ...overrides,
  };
}

interface AttemptOverrides extends Partial<Omit<AttemptRecord, "try" | "state">> {
  readonly try?: Partial<HttpTry>;
  readonly state?: Partial<AttemptRecord["state"]>;
}

/** A try that got a 200, unless something else is said. */
export function anAttempt(identity: DeliveryIdentity, overrides: AttemptOverrides = {}): AttemptRecord {
  const number = overrides.try?.number ?? 1;
  const at = identity.accepted_at + number * 1_000;
  return {
    ...identity,
    try_id: `try_${randomUUID()}`,
    round: 1,
    recorded_at: at + 25,
    webhook_version: 1,
    circuit: "closed",
    ...overrides,
    try: {
      number,
      at,
      duration_ms: 25,
      status_code: 200,
      error: null,
      request_headers: { "webhook-id": identity.delivery_id, "webhook-attempt": String(number) },
      response_headers: { "content-type": "text/plain" },
      response_body: "ok",
      response_truncated: false,
      ...overrides.try,
    },
    state: { status: "delivered", reason: null, next_attempt_at: null, ...overrides.state },
  };
}

/** A try that got a 500 and will be repeated. */
export function aFailedAttempt(identity: DeliveryIdentity, number: number, round = 1): AttemptRecord {
  const at = identity.accepted_at + round * 100_000 + number * 1_000;
  return anAttempt(identity, {
    round,
    recorded_at: at + 25,
    try: { number, at, status_code: 500, error: "http_status", response_body: "down" },
    state: { status: "pending", next_attempt_at: at + 30_000 },
  });
}

/** The end of a round without a try. */
export function anEnd(identity: DeliveryIdentity, overrides: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    ...anAttempt(identity),
    try_id: `end_${identity.delivery_id}_1_webhook_disabled`,
    try: null,
    state: { status: "skipped", reason: "webhook_disabled", next_attempt_at: null },
    ...overrides,
  };
}
