import { z } from "zod";
import { type LogDatabase, openLogDatabase } from "./log-database";
import { type OpenLog, openLog } from "./open-log";
import { aDelivery, aFailedAttempt, anAttempt, anEnd, anIdentity } from "./records";
import { type ObserveApp, runObserve } from "./running-observe";

jest.setTimeout(60_000);

const HOUR_MS = 3_600_000;

let database: LogDatabase;
let log: OpenLog;
let app: ObserveApp;

beforeAll(async () => {
  database = await openLogDatabase();
  log = openLog(database.connect());
  app = await runObserve({ databaseUrl: database.url, group: "observe-http" });
});
afterAll(async () => {
  await app.stop();
  await database.close();
});

async function get(path: string, token = "one"): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}

const pageSchema = z.object({ items: z.array(z.object({ id: z.string() })), next_cursor: z.string().nullable() });

/** Ids of the items of a page, and where it goes on. */
async function page(query: string, token = "one"): Promise<{ ids: string[]; next: string | null }> {
  const { status, body } = await get(`/v1/deliveries?${query}`, token);
  expect(status).toBe(200);
  const { items, next_cursor } = pageSchema.parse(body);
  return { ids: items.map(({ id }) => id), next: next_cursor };
}

async function list(query: string, token = "one"): Promise<string[]> {
  return (await page(query, token)).ids;
}

const iso = (ms: number) => new Date(ms).toISOString();

test("an item of the list has exactly the fields of the contract", async () => {
  const identity = anIdentity({ event_type: "complaint", dialect: "buzzmark", webhook_id: "wh_fields" });
  const delivery = aDelivery(identity);
  await log.deliveries(delivery);
  const { body } = await get("/v1/deliveries?webhook_id=wh_fields");
  expect(body).toEqual({
    items: [
      {
        id: identity.delivery_id,
        webhook_id: "wh_fields",
        event_id: identity.event_id,
        event_type: "complaint",
        email_id: "msg_1",
        recipient: "customer@example.com",
        tags: ["order-shipped"],
        status: "pending",
        reason: null,
        round: 1,
        attempt_count: 0,
        test: false,
        created_at: iso(identity.accepted_at),
        next_attempt_at: iso(delivery.due_at),
      },
    ],
    next_cursor: null,
  });
});

test("one delivery adds what was sent and answered, attempt by attempt", async () => {
  const identity = anIdentity();
  const failed = aFailedAttempt(identity, 1);
  const delivered = anAttempt(identity, { try: { number: 2, response_truncated: true } });
  await log.deliveries(aDelivery(identity));
  await log.attempts(failed, delivered);
  const { status, body } = await get(`/v1/deliveries/${identity.delivery_id}`);
  expect(status).toBe(200);
  const attempts = [
    {
      round: 1,
      number: 1,
      at: iso(failed.try?.at ?? 0),
      status_code: 500,
      error: "http_status",
      duration_ms: 25,
      request_headers: failed.try?.request_headers,
      response_headers: { "content-type": "text/plain" },
      response_body: "down",
      response_truncated: false,
      next_attempt_at: iso(failed.state.next_attempt_at ?? 0),
    },
    expect.objectContaining({ number: 2, error: null, response_truncated: true, next_attempt_at: null }),
  ];
  const request = { headers: delivered.try?.request_headers, body: `{"id":"${identity.event_id}"}` };
  expect(body).toMatchObject({ id: identity.delivery_id, status: "delivered", attempt_count: 2, request, attempts });
});

test("a delivery that was skipped was never sent: no headers, no body, no attempts", async () => {
  const identity = anIdentity();
  await log.attempts(anEnd(identity));
  const { body } = await get(`/v1/deliveries/${identity.delivery_id}`);
  expect(body).toMatchObject({
    ...{ status: "skipped", reason: "webhook_disabled", attempt_count: 0 },
    ...{ request: { headers: null, body: null }, attempts: [] },
  });
});

test("every filter of the contract narrows the list", async () => {
  const identity = anIdentity({
    webhook_id: "wh_filters",
    event_type: "complaint",
    event_id: "evt_filters",
    email_id: "msg+filters@x",
    recipient: "filters+tag@example.com",
    tags: ["a&b", "c"],
  });
  const other = anIdentity({ webhook_id: "wh_filters", accepted_at: identity.accepted_at - HOUR_MS });
  await log.deliveries(aDelivery(identity), aDelivery(other));
  await log.attempts(anAttempt(identity));
  for (const [name, value] of [
    ["status", "delivered"],
    ["event_type", "complaint"],
    ["event_type", "spam_complaint"],
    ["event_type", "email.complaint"],
    ["event_id", "evt_filters"],
    ["email_id", "msg+filters@x"],
    ["recipient", "filters+tag@example.com"],
    ["tag", "a&b"],
    ["since", iso(identity.accepted_at)],
  ] as const) {
    const query = new URLSearchParams({ webhook_id: "wh_filters", [name]: value });
    expect([name, await list(query.toString())]).toEqual([name, [identity.delivery_id]]);
  }
  expect(await list(`webhook_id=wh_filters&until=${iso(identity.accepted_at)}`)).toEqual([other.delivery_id]);
  expect(await list("webhook_id=wh_filters&tag=%00")).toEqual([]);
});

test("pages of any size lead to the same list, and end", async () => {
  const identities = Array.from({ length: 7 }, (_, index) =>
    anIdentity({ webhook_id: "wh_pages", accepted_at: Date.now() - 1_000 - Math.floor(index / 3) }),
  );
  await log.deliveries(...identities.map((identity) => aDelivery(identity)));
  const whole = await list("webhook_id=wh_pages");
  expect(whole).toHaveLength(7);
  for (const limit of [1, 3, 7, 200]) {
    const walked: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { ids, next } = await page(`webhook_id=wh_pages&limit=${limit}${cursor && `&cursor=${cursor}`}`);
      walked.push(...ids);
      cursor = next;
    }
    expect(walked).toEqual(whole);
  }
});

test("without a limit a page has 50", async () => {
  const identities = Array.from({ length: 51 }, () => anIdentity({ webhook_id: "wh_default" }));
  await log.deliveries(...identities.map((identity) => aDelivery(identity)));
  const { ids, next } = await page("webhook_id=wh_default");
  expect(ids).toHaveLength(50);
  expect(await list(`webhook_id=wh_default&cursor=${next}`)).toHaveLength(1);
});

test.each([
  ["limit=0", "/limit"],
  ["limit=201", "/limit"],
  ["limit=-1", "/limit"],
  ["limit=1.5", "/limit"],
  ["limit=", "/limit"],
  ["limit=1&limit=2", "/limit"],
  ["cursor=nonsense", "/cursor"],
  ["cursor=", "/cursor"],
  ["status=failed", "/status"],
  ["status=", "/status"],
  ["event_type=email", "/event_type"],
  ["since=yesterday", "/since"],
  ["since=2026-04-17T12:00:00", "/since"],
  ["until=2026-02-30T12:00:00Z", "/until"],
  ["since=2026-04-17T12:00:00Z&until=2026-04-17T11:59:59Z", "/until"],
  ["webhook_id=", "/webhook_id"],
  ["tag=a&tag=b", "/tag"],
  ["round=1", "/round"],
])("?%s is refused, naming %s", async (query, path) => {
  const { status, body } = await get(`/v1/deliveries?${query}`);
  expect(status).toBe(422);
  expect(body).toMatchObject({ code: "validation_failed", errors: [{ path, message: expect.any(String) }] });
});

test("another tenant's webhook, delivery and tenant are like none that ever was", async () => {
  const theirs = anIdentity({ tenant_id: "ten_2", webhook_id: "wh_theirs" });
  await log.deliveries(aDelivery(theirs));
  expect(await list("webhook_id=wh_theirs", "two")).toEqual([theirs.delivery_id]);
  expect(await list("webhook_id=wh_theirs")).toEqual(await list("webhook_id=wh_never"));
  expect(await get(`/v1/deliveries/${theirs.delivery_id}`)).toEqual(await get("/v1/deliveries/dlv_never"));
  expect((await get(`/v1/deliveries/${theirs.delivery_id}`)).body).toMatchObject({ status: 404, code: "not_found" });
  expect((await get("/v1/deliveries?tenant_id=ten_2")).status).toBe(404);
});

test("the operator reads every tenant's deliveries, and names the tenant of a list", async () => {
  const identity = anIdentity({ tenant_id: "ten_2", webhook_id: "wh_operator" });
  await log.deliveries(aDelivery(identity));
  expect(await list("tenant_id=ten_2&webhook_id=wh_operator", "operator")).toEqual([identity.delivery_id]);
  expect((await get(`/v1/deliveries/${identity.delivery_id}`, "operator")).status).toBe(200);
  expect((await get(`/v1/deliveries/${identity.delivery_id}?tenant_id=ten_1`, "operator")).status).toBe(404);
  const unnamed = await get("/v1/deliveries", "operator");
  expect(unnamed).toMatchObject({ status: 422, body: { errors: [{ path: "/tenant_id" }] } });
});

test("a token that is unknown or may only publish reads nothing, whatever it asks", async () => {
  for (const path of ["/v1/deliveries", "/v1/deliveries?limit=0", "/v1/deliveries/dlv_1"]) {
    expect((await get(path, "nobody")).status).toBe(401);
    expect((await get(path, "publisher")).status).toBe(403);
  }
});

test("ids that cannot be ids are unknown", async () => {
  for (const id of ["%00", "a".repeat(100), "%F0%9F%93%AE", "..%2F.."]) {
    expect((await get(`/v1/deliveries/${id}`)).status).toBe(404);
  }
});
