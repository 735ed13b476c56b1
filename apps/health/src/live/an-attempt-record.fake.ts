import type { AttemptRecord } from "@waggle/contracts";

/** A recorded first try of `ten_1` that got a 200, unless something else is said. */
export function anAttemptRecord(overrides: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    delivery_id: "dlv_1",
    event_id: "evt_1",
    webhook_id: "wh_1",
    tenant_id: "ten_1",
    event_type: "bounce",
    email_id: "msg_1",
    recipient: "customer@example.com",
    tags: ["vip"],
    dialect: "hiveku",
    accepted_at: 1_000,
    publisher_id: false,
    test: false,
    try_id: "try_1",
    round: 1,
    recorded_at: 2_025,
    webhook_version: 1,
    circuit: "closed",
    try: {
      number: 1,
      at: 2_000,
      duration_ms: 25,
      status_code: 200,
      error: null,
      request_headers: { "x-api-key": "***" },
      response_headers: { server: "nginx" },
      response_body: "ok",
      response_truncated: false,
    },
    state: { status: "delivered", reason: null, next_attempt_at: null },
    ...overrides,
  };
}
