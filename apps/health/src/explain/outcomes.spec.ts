import { EVENT_TYPES } from "@waggle/domain";
import { anEmailEvent } from "@waggle/testing";
import { outcomesOf } from "./outcomes";
import type { EventDelivery, WebhookThen } from "./ports";

const ACCEPTED = 1_000_000;
const bounce = anEmailEvent({ type: "bounce", accepted_at: ACCEPTED, data: { tags: ["vip"] } });

function aWebhook(webhook_id: string, filter: Partial<WebhookThen["filter"]> = {}): WebhookThen {
  const all = { types: new Set(EVENT_TYPES), tags: new Set<string>(), created_at: 0 };
  return { webhook_id, url: `https://${webhook_id}.example.com`, filter: { ...all, ...filter } };
}

function aDelivery(webhook_id: string): EventDelivery {
  return {
    delivery_id: `dlv_${webhook_id}`,
    event_id: bounce.id,
    webhook_id,
    status: "delivered",
    reason: null,
    round: 1,
    attempt_count: 1,
    next_attempt_at: null,
  };
}

test("each webhook says why it got nothing", () => {
  const webhooks = [
    aWebhook("wh_type", { types: new Set(["open"]) }),
    aWebhook("wh_tags", { tags: new Set(["other"]) }),
    aWebhook("wh_late", { created_at: ACCEPTED + 1_001 }),
  ];
  expect(outcomesOf(bounce, webhooks, []).map(({ mismatch }) => mismatch)).toEqual([
    "event_type_not_subscribed",
    "tags_do_not_match",
    "created_after_event",
  ]);
});

test("what the log says counts more than the filter of the time", () => {
  const webhooks = [aWebhook("wh_1", { types: new Set(["open"]) })];
  const delivery = aDelivery("wh_1");
  expect(outcomesOf(bounce, webhooks, [delivery])).toMatchObject([{ webhook_id: "wh_1", delivery, mismatch: null }]);
});

test("a webhook that matches and has no delivery yet says neither", () => {
  expect(outcomesOf(bounce, [aWebhook("wh_1", { tags: new Set(["vip", "x"]) })], [])).toMatchObject([
    { webhook_id: "wh_1", delivery: null, mismatch: null },
  ]);
});

test("a webhook that was deleted is there only if it had got the event", () => {
  const delivery = aDelivery("wh_gone");
  expect(outcomesOf(bounce, [], [delivery])).toEqual([{ webhook_id: "wh_gone", url: null, delivery, mismatch: null }]);
});
