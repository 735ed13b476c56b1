import { createHash } from "node:crypto";
import { decodeAttempt, decodeDelivery, type WebhookEntry, type WireRecord } from "@waggle/contracts";
import { DIALECTS, type EmailEvent, EVENT_TYPES, mismatch, OUTBOUND_EVENT_TYPES, renderBody } from "@waggle/domain";
import { anEmailEvent, aWebhookEntry, received } from "@waggle/testing";
import fc from "fast-check";
import type { RouteOptions } from "./route";
import { routeEvent } from "./route-event";
import { subscriptionFilter } from "./subscription-filter";

const options: RouteOptions = {
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  now: Date.UTC(2026, 3, 17, 12, 34, 58),
  traceparent: null,
};

const isDelivery = (record: WireRecord) => record.topic === "webhook.deliveries";

function deliveriesOf(event: EmailEvent, webhooks: readonly WebhookEntry[], overrides: Partial<RouteOptions> = {}) {
  const { outputs } = routeEvent(event, webhooks, { ...options, ...overrides });
  return outputs.filter(isDelivery).map((record) => decodeDelivery(received(record)));
}

function skipsOf(event: EmailEvent, webhooks: readonly WebhookEntry[]) {
  const { outputs } = routeEvent(event, webhooks, options);
  return outputs.filter((record) => !isDelivery(record)).map((record) => decodeAttempt(received(record)));
}

describe("routeEvent", () => {
  it("makes the first attempt of the first round of one delivery per webhook, due when the event was accepted", () => {
    const event = anEmailEvent({ type: "bounce", publisher_id: true, data: { tags: ["order-shipped"] } });
    const webhook = aWebhookEntry({ version: 7, dialect: "standard" });
    expect(deliveriesOf(event, [webhook])).toEqual([
      {
        delivery_id: expect.stringMatching(/^dlv_[0-9a-f]{32}$/),
        event_id: event.id,
        webhook_id: webhook.id,
        tenant_id: event.tenant_id,
        event_type: "bounce",
        email_id: "msg_01HPQRS",
        recipient: "customer@example.com",
        tags: ["order-shipped"],
        dialect: "standard",
        accepted_at: event.accepted_at,
        publisher_id: true,
        test: false,
        round: 1,
        attempt: 1,
        park: 0,
        park_reason: null,
        park_position: null,
        due_at: event.accepted_at,
        first_due_at: event.accepted_at,
        min_webhook_version: 7,
        inbound_hash: null,
        traceparent: null,
        body: Buffer.from(renderBody("standard", event)),
      },
    ]);
  });

  it("hands on the trace the event came with", () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect(deliveriesOf(anEmailEvent(), [aWebhookEntry()], { traceparent })).toMatchObject([{ traceparent }]);
  });

  it("gives each webhook the body of its dialect", () => {
    const event = anEmailEvent({ type: "complaint" });
    const webhooks = DIALECTS.map((dialect) => aWebhookEntry({ id: `wh_${dialect}`, dialect }));
    expect(deliveriesOf(event, webhooks).map(({ body }) => body.toString())).toEqual(
      DIALECTS.map((dialect) => renderBody(dialect, event)),
    );
  });

  it("renders a dialect once, however many webhooks speak it", () => {
    const webhooks = ["wh_1", "wh_2", "wh_3"].map((id) => aWebhookEntry({ id }));
    const { outputs } = routeEvent(anEmailEvent(), webhooks, options);
    expect(new Set(outputs.map((record) => record.value)).size).toBe(1);
  });

  it("skips a disabled webhook that matches, and says so", () => {
    const webhook = aWebhookEntry({ status: "disabled", disabled_reason: "manual", version: 9 });
    const event = anEmailEvent();
    expect(deliveriesOf(event, [webhook])).toEqual([]);
    expect(skipsOf(event, [webhook])).toMatchObject([
      {
        event_id: event.id,
        recorded_at: options.now,
        webhook_version: 9,
        try: null,
        state: { status: "skipped", reason: "webhook_disabled" },
      },
    ]);
  });

  it("skips and delivers under the same id, so that recovering goes on with the delivery that was skipped", () => {
    const event = anEmailEvent();
    const [delivery] = deliveriesOf(event, [aWebhookEntry()]);
    const [skip] = skipsOf(event, [aWebhookEntry({ status: "disabled" })]);
    expect(skip?.delivery_id).toBe(delivery?.delivery_id);
  });

  it("says nothing of a disabled webhook that does not match", () => {
    const webhook = aWebhookEntry({ status: "disabled", event_types: ["click"] });
    expect(routeEvent(anEmailEvent(), [webhook], options)).toEqual({ outputs: [], deliveries: 0, skips: 0 });
  });

  it("counts deliveries and skips apart", () => {
    const webhooks = [aWebhookEntry({ id: "wh_1" }), aWebhookEntry({ id: "wh_2", status: "disabled" })];
    expect(routeEvent(anEmailEvent(), webhooks, options)).toMatchObject({ deliveries: 1, skips: 1 });
  });

  it("keys every output by webhook, so that one webhook's records stay in one partition", () => {
    const webhooks = [aWebhookEntry({ id: "wh_1" }), aWebhookEntry({ id: "wh_2", status: "disabled" })];
    const { outputs } = routeEvent(anEmailEvent(), webhooks, options);
    expect(outputs.map(({ topic, key }) => ({ topic, key }))).toEqual([
      { topic: "webhook.deliveries", key: "wh_1" },
      { topic: "webhook.attempts", key: "wh_2" },
    ]);
  });

  const tags = fc.uniqueArray(fc.constantFrom("a", "b", "c"));
  const events = fc
    .record({ type: fc.constantFrom(...OUTBOUND_EVENT_TYPES), tags, accepted_at: fc.integer({ min: 0, max: 5_000 }) })
    .map(({ tags: carried, ...event }) => anEmailEvent({ ...event, data: { tags: carried } }));
  const webhookSets = fc
    .array(
      fc.record({
        event_types: fc.uniqueArray(fc.constantFrom(...EVENT_TYPES)),
        tags,
        created_at: fc.integer({ min: 0, max: 5_000 }),
        status: fc.constantFrom("enabled" as const, "disabled" as const),
        dialect: fc.constantFrom(...DIALECTS),
      }),
      { maxLength: 8 },
    )
    .map((webhooks) => webhooks.map((webhook, index) => aWebhookEntry({ ...webhook, id: `wh_${index}` })));

  it("gives every webhook that matches exactly one record, and no other webhook any", () => {
    fc.assert(
      fc.property(events, webhookSets, (event, webhooks) => {
        const subject = { ...event, tags: event.data.tags };
        const matching = webhooks.filter((webhook) => mismatch(subscriptionFilter(webhook), subject) === null);
        const { outputs } = routeEvent(event, webhooks, options);
        expect(outputs.map((record) => record.key)).toEqual(matching.map((webhook) => webhook.id));
      }),
    );
  });

  it("gives the same records when an event is routed again later", () => {
    fc.assert(
      fc.property(events, webhookSets, (event, webhooks) => {
        const once = routeEvent(event, webhooks, options);
        const again = routeEvent(event, webhooks, { ...options, now: options.now + 60_000 });
        expect(again.outputs.filter(isDelivery)).toEqual(once.outputs.filter(isDelivery));
        const tryIds = ({ outputs }: typeof once) =>
          outputs.filter((record) => !isDelivery(record)).map((record) => decodeAttempt(received(record)).try_id);
        expect(tryIds(again)).toEqual(tryIds(once));
      }),
    );
  });
});
