import { randomUUID } from "node:crypto";
import { eventually } from "@waggle/testing";
import { wrongFields } from "../manage/running-health";
import { aDelivery, aFailedAttempt, anAttempt, anEnd } from "../observe/records";
import { type Asking, anEventOf, identityOf, startAsking } from "./asking";

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();

let asking: Asking;
let own: { id: string; key: string };
let other: { id: string; key: string };

beforeAll(async () => {
  asking = await startAsking();
});
afterAll(() => asking.stop());
beforeEach(async () => {
  own = await asking.health.tenant();
  other = await asking.health.tenant();
});

function ask(path: string, token = own.key) {
  return asking.health.ask("GET", path, { token });
}

async function aWebhook(settings: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const body = { url: "https://api.acme.com/", ...settings };
  return asking.health.expect(201, "POST", "/v1/webhooks", { token: own.key, body });
}

describe("one event", () => {
  test("is shown as it was accepted", async () => {
    const event = anEventOf(own.id, { type: "click", data: { tags: ["a"], own_key: { deep: [1, null] } } });
    await asking.log.events(event);
    const { status, body } = await ask(`/v1/events/${event.id}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      id: event.id,
      tenant_id: own.id,
      type: "click",
      created_at: event.created_at,
      accepted_at: iso(event.accepted_at),
      data: event.data,
    });
  });

  test("is the copy that was accepted first, in whatever order they were stored", async () => {
    const first = anEventOf(own.id, { publisher_id: true, accepted_at: Date.now() - 2 * DAY_MS, data: { note: 1 } });
    const again = { ...first, accepted_at: Date.now() - 1_000, data: { ...first.data, note: 2 } };
    await asking.log.events(again);
    await asking.log.events(first);
    expect((await ask(`/v1/events/${first.id}`)).body.data).toMatchObject({ note: 1 });
  });

  test("is unknown to other tenants, in the words of one that never was", async () => {
    const event = anEventOf(own.id);
    await asking.log.events(event);
    for (const path of ["", "/explain"]) {
      const never = await ask(`/v1/events/evt_never${path}`);
      expect(never.status).toBe(404);
      for (const [id, token] of [
        [event.id, other.key],
        ["%00", own.key],
        ["x".repeat(65), own.key],
      ]) {
        const answer = await ask(`/v1/events/${id}${path}`, token);
        expect({ status: answer.status, body: answer.body }).toEqual({ status: 404, body: never.body });
      }
    }
  });

  test("takes the tenant's name from an operator only when its id is several tenants'", async () => {
    const [mine, theirs] = [anEventOf(own.id), anEventOf(other.id)];
    await asking.log.events(mine, { ...theirs, id: mine.id }, theirs);
    expect((await asking.health.ask("GET", `/v1/events/${theirs.id}`)).status).toBe(200);
    const unclear = await asking.health.ask("GET", `/v1/events/${mine.id}`);
    expect([unclear.status, wrongFields(unclear)]).toEqual([422, ["/tenant_id"]]);
    const named = await asking.health.ask("GET", `/v1/events/${mine.id}?tenant_id=${other.id}`);
    expect(named.body).toMatchObject({ id: mine.id, tenant_id: other.id });
  });
});

describe("an explanation", () => {
  async function outcomes(eventId: string): Promise<Record<string, unknown>> {
    const { status, body } = await ask(`/v1/events/${eventId}/explain`);
    expect(status).toBe(200);
    const webhooks = Array.isArray(body.webhooks) ? body.webhooks : [];
    return Object.fromEntries(webhooks.map((outcome) => [outcome.webhook_id, outcome]));
  }

  test("says of each webhook what it got, or why it got nothing", async () => {
    const before = Date.now();
    const delivered = await aWebhook({ events: ["*"] });
    const skipped = await aWebhook({ events: ["bounce"] });
    const byType = await aWebhook({ events: ["open", "click"] });
    const byTags = await aWebhook({ events: ["*"], tags: ["other"] });
    const waiting = await aWebhook({ events: ["bounce"], tags: ["vip", "other"] });
    const event = anEventOf(own.id, { type: "bounce", accepted_at: Date.now(), data: { tags: ["vip"] } });
    const early = anEventOf(own.id, { type: "bounce", accepted_at: before - 60_000, data: { tags: ["vip"] } });
    const toFirst = identityOf(event, String(delivered.id));
    await asking.log.events(event, early);
    await asking.log.deliveries(aDelivery(toFirst));
    await asking.log.attempts(aFailedAttempt(toFirst, 1), anAttempt(toFirst, { try: { number: 2 } }));
    await asking.log.attempts(anEnd(identityOf(event, String(skipped.id))));

    const nothing = (webhook: Record<string, unknown>, reason: string | null) => {
      return { webhook_id: webhook.id, url: webhook.url, status: null, reason, delivery: null };
    };
    expect(await outcomes(event.id)).toEqual({
      [String(delivered.id)]: {
        webhook_id: delivered.id,
        url: delivered.url,
        status: "delivered",
        reason: null,
        delivery: {
          id: toFirst.delivery_id,
          webhook_id: delivered.id,
          status: "delivered",
          reason: null,
          round: 1,
          attempt_count: 2,
          next_attempt_at: null,
        },
      },
      [String(skipped.id)]: expect.objectContaining({ status: "skipped", reason: "webhook_disabled" }),
      [String(byType.id)]: nothing(byType, "event_type_not_subscribed"),
      [String(byTags.id)]: nothing(byTags, "tags_do_not_match"),
      [String(waiting.id)]: nothing(waiting, null),
    });
    expect(await outcomes(early.id)).toMatchObject({
      [String(delivered.id)]: { status: null, reason: "created_after_event" },
      [String(byType.id)]: { status: null, reason: "event_type_not_subscribed" },
    });
  });

  test("judges by the filter that was in force when the event was accepted", async () => {
    const webhook = await aWebhook({ events: ["open"], tags: ["a"] });
    const path = `/v1/webhooks/${webhook.id}`;
    const accepted: number[] = [];
    const passTime = async () => {
      const at = Date.now() + 2;
      accepted.push(at);
      await eventually("time to pass", () => Date.now() > at);
    };
    await passTime();
    await asking.health.expect(200, "PATCH", path, { token: own.key, body: { events: ["*"] } });
    await passTime();
    // What changes no filter must not look like one that was in force from then on.
    await asking.health.expect(200, "PATCH", path, { token: own.key, body: { description: "CRM" } });
    await asking.health.expect(200, "POST", `${path}/disable`, { token: own.key });
    await passTime();
    await asking.health.expect(200, "PATCH", path, { token: own.key, body: { tags: ["b"] } });
    await passTime();
    const reasons: unknown[] = [];
    for (const at of accepted) {
      const event = anEventOf(own.id, { type: "bounce", accepted_at: at, data: { tags: ["a"] } });
      await asking.log.events(event);
      reasons.push((await outcomes(event.id))[String(webhook.id)]);
    }
    expect(reasons).toMatchObject([
      { reason: "event_type_not_subscribed" },
      { reason: null },
      { reason: null },
      { reason: "tags_do_not_match" },
    ]);
  });

  test("still shows what a deleted webhook got, and nothing of samples or of other tenants", async () => {
    const webhook = await aWebhook({ events: ["*"] });
    const event = anEventOf(own.id);
    await asking.log.events(event);
    await asking.log.attempts(
      anAttempt(identityOf(event, String(webhook.id))),
      anAttempt({ ...identityOf(event, "wh_sample"), test: true }),
      anAttempt({ ...identityOf(event, "wh_theirs"), tenant_id: other.id }),
    );
    await asking.health.expect(204, "DELETE", `/v1/webhooks/${webhook.id}`, { token: own.key });
    expect(await outcomes(event.id)).toEqual({
      [String(webhook.id)]: expect.objectContaining({ url: null, status: "delivered" }),
    });
  });
});

describe("the timeline of an email", () => {
  test("has its events from the first to the last, each with what webhooks got", async () => {
    const data = { email_id: `msg_${randomUUID()}` };
    const now = Date.now();
    const delivery = anEventOf(own.id, { type: "delivery", accepted_at: now - DAY_MS, data });
    const open = anEventOf(own.id, { type: "open", accepted_at: now - 1_000, data });
    const theirs = anEventOf(other.id, { data });
    await asking.log.events(open, delivery, theirs, anEventOf(own.id));
    await asking.log.attempts(anAttempt(identityOf(delivery, "wh_1")), anAttempt(identityOf(delivery, "wh_2")));
    const { status, body } = await ask(`/v1/emails/${data.email_id}/timeline`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      items: [
        {
          id: delivery.id,
          type: "delivery",
          accepted_at: iso(delivery.accepted_at),
          data,
          deliveries: [
            { webhook_id: "wh_1", status: "delivered" },
            { webhook_id: "wh_2", status: "delivered" },
          ],
        },
        { id: open.id, type: "open", deliveries: [] },
      ],
      next_cursor: null,
    });
  });

  test("comes in pages that miss and repeat nothing, copies of an id counting once", async () => {
    const data = { email_id: `msg_${randomUUID()}` };
    const at = Date.now() - 5_000;
    // Three at one time: the place of a page must not be a time alone.
    const events = [at, at, at, at + 1, at + 2].map((accepted_at) => anEventOf(own.id, { accepted_at, data }));
    await asking.log.events(...events, ...events.slice(0, 2).map((event) => ({ ...event, accepted_at: at + 9 })));
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await ask(`/v1/emails/${data.email_id}/timeline?limit=2${cursor}`);
      const items = Array.isArray(body.items) ? body.items : [];
      seen.push(...items.map(({ id }) => String(id)));
      cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`;
    } while (cursor !== "");
    expect(seen).toHaveLength(5);
    expect(new Set(seen)).toEqual(new Set(events.map(({ id }) => id)));
    expect(seen.slice(3)).toEqual(events.slice(3).map(({ id }) => id));
  });

  test.each([["a b/c?d#e%f"], ["<20260417.1234@mail.acme.com>"], ["ü".repeat(300)], ["half\ud800\0"]])(
    "is found by whatever a publisher calls an email: %j",
    async (email_id) => {
      const event = anEventOf(own.id, { data: { email_id } });
      await asking.log.events(event);
      const asked = encodeURIComponent(email_id.replace("\ud800", "\ufffd"));
      const { body } = await ask(`/v1/emails/${asked}/timeline`);
      expect(body).toMatchObject({ items: [{ id: event.id }] });
    },
  );

  test("is unknown for an email of which this tenant has no event", async () => {
    const event = anEventOf(other.id, { data: { email_id: `msg_${randomUUID()}` } });
    await asking.log.events(event);
    expect((await ask(`/v1/emails/${event.data.email_id}/timeline`)).status).toBe(404);
    const unnamed = await asking.health.ask("GET", `/v1/emails/${event.data.email_id}/timeline`);
    expect([unnamed.status, wrongFields(unnamed)]).toEqual([422, ["/tenant_id"]]);
    const wrong = await ask("/v1/emails/msg/timeline?limit=0&cursor=x&order=asc");
    expect([wrong.status, wrongFields(wrong).sort()]).toEqual([422, ["/cursor", "/limit", "/order"]]);
  });
});

describe("a preview", () => {
  function preview(body: unknown, token = own.key) {
    return asking.health.ask("POST", "/v1/webhooks/preview", { token, body });
  }

  test("counts the recent events a filter would match and shows the newest of them", async () => {
    const now = Date.now();
    const bounces = [1, 2, 3, 4, 5, 6].map((minutes) =>
      anEventOf(own.id, { type: "bounce", accepted_at: now - minutes * 60_000, data: { tags: ["vip", "x"] } }),
    );
    const copy = { ...(bounces[5] ?? anEventOf(own.id)), accepted_at: now - 30_000 };
    await asking.log.events(
      ...bounces,
      copy,
      anEventOf(own.id, { type: "bounce", data: { tags: ["x"] } }),
      anEventOf(own.id, { type: "open", data: { tags: ["vip"] } }),
      anEventOf(own.id, { type: "bounce", accepted_at: now - 3 * DAY_MS, data: { tags: ["vip"] } }),
      anEventOf(other.id, { type: "bounce", data: { tags: ["vip"] } }),
    );
    const { status, body } = await preview({ events: ["email.bounce"], tags: ["vip", "y"] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ matched: 6, examined: 8 });
    expect(Date.parse(String(body.since))).toBeGreaterThanOrEqual(now - DAY_MS);
    const examples = Array.isArray(body.examples) ? body.examples : [];
    expect(examples.map(({ id }) => id)).toEqual(bounces.slice(0, 5).map(({ id }) => id));
    expect(examples[0]).toMatchObject({ type: "bounce", data: { tags: ["vip", "x"] } });
    expect((await preview({ events: ["*"], since: iso(now - 4 * DAY_MS) })).body).toMatchObject({ matched: 9 });
    expect((await preview({ events: ["inbound"] })).body).toMatchObject({ matched: 0, examples: [] });
  });

  test("refuses what no webhook could have", async () => {
    const wrong = await preview({ events: ["nothing"], tags: [""], since: "yesterday", url: "https://a.com" });
    expect([wrong.status, wrongFields(wrong).sort()]).toEqual([422, ["/events/0", "/since", "/tags/0", "/url"]]);
    expect(wrongFields(await preview({}))).toEqual(["/events"]);
  });

  test("is for those who may manage the tenant", async () => {
    const publisher = await asking.health.key(own.id, ["publish"]);
    expect((await preview({ events: ["*"] }, publisher)).status).toBe(403);
    const unnamed = await asking.health.ask("POST", "/v1/webhooks/preview", { body: { events: ["*"] } });
    expect([unnamed.status, wrongFields(unnamed)]).toEqual([422, ["/tenant_id"]]);
    const foreign = await asking.health.ask("POST", `/v1/webhooks/preview?tenant_id=${other.id}`, {
      token: own.key,
      body: { events: ["*"] },
    });
    expect(foreign.status).toBe(404);
  });
});
