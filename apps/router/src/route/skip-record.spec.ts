import { decodeAttempt, encodeAttempt } from "@waggle/contracts";
import { aWebhookEntry } from "@waggle/testing";
import { skipRecord } from "./skip-record";

const identity = {
  delivery_id: "dlv_1",
  event_id: "evt_1",
  webhook_id: "wh_1",
  tenant_id: "ten_1",
  event_type: "bounce",
  email_id: "msg_1",
  recipient: "customer@example.com",
  tags: ["order-shipped"],
  dialect: "hiveku",
  accepted_at: 1_000,
  publisher_id: true,
  test: false,
} as const;

describe("skipRecord", () => {
  const record = skipRecord(identity, aWebhookEntry({ id: "wh_1", version: 7 }), 2_000);

  it("ends the first round without a try, because the webhook is disabled", () => {
    expect(record).toEqual({
      ...identity,
      try_id: "end_dlv_1_1_webhook_disabled",
      round: 1,
      recorded_at: 2_000,
      webhook_version: 7,
      circuit: null,
      try: null,
      state: { status: "skipped", reason: "webhook_disabled", next_attempt_at: null },
    });
  });

  it("is a record that the topic of attempts takes", () => {
    expect(decodeAttempt({ value: Buffer.from(encodeAttempt(record).value ?? "") })).toEqual(record);
  });
});
