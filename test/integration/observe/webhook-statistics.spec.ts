import type { AttemptRecord } from "@waggle/contracts";
import { Database } from "@waggle/postgres";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { z } from "zod";
import { type Answer, RunningHealth, wrongFields } from "../manage/running-health";
import { type OpenLog, openLog } from "./open-log";
import { aDelivery, anAttempt, anIdentity } from "./records";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const TIME_SCALE = 10;

jest.setTimeout(60_000);

let database: TestDatabase;
let connection: Database;
let log: OpenLog;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url, { TIME_SCALE: String(TIME_SCALE) });
  connection = new Database({ url: database.url, logger: { info: () => {}, warn: () => {} } });
  log = openLog(connection);
  tenant = await health.tenant();
});
afterAll(async () => {
  await health.stop();
  await connection.close();
  await database.drop();
});

const latencySchema = z.object({ latency_ms: z.object({ p50: z.number(), p95: z.number() }) });
const iso = (ms: number) => new Date(ms).toISOString();

async function webhook(settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const body = { url: "https://api.acme.com/", events: ["*"], ...settings };
  return String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
}

function ask(path: string, token = tenant.key): Promise<Answer> {
  return health.ask("GET", `/v1/webhooks/${path}`, { token });
}

interface Made {
  readonly agoMs?: number;
  readonly ok?: boolean;
  readonly tookMs?: number;
  readonly test?: boolean;
  readonly circuit?: "open" | "closed";
}

/** An attempt that ended so long ago. */
function attempt(webhook_id: string, made: Made = {}): AttemptRecord {
  const { agoMs = 1_000, ok = true, tookMs = 25, test = false, circuit = "closed" } = made;
  const recordedAt = Date.now() - agoMs;
  const identity = anIdentity({ webhook_id, tenant_id: tenant.id, test, accepted_at: recordedAt - 1_000 });
  const at = recordedAt - tookMs;
  return anAttempt(identity, {
    recorded_at: recordedAt,
    circuit,
    try: { at, duration_ms: tookMs, ...(ok ? {} : { status_code: 503, error: "http_status" as const }) },
    state: ok ? {} : { status: "pending", next_attempt_at: recordedAt + 30_000 },
  });
}

describe("GET /v1/webhooks/{id}/health", () => {
  it("knows nothing of a webhook that was sent nothing", async () => {
    const answer = await ask(`${await webhook()}/health`);
    expect(answer.status).toBe(200);
    const { series, ...rest } = answer.body;
    expect(rest).toEqual({
      status: "enabled",
      failing_since: null,
      disable_at: null,
      last_attempt: null,
      success_rate: { "24h": null, "7d": null },
      attempts: { "24h": { delivered: 0, failed: 0 }, "7d": { delivered: 0, failed: 0 } },
      latency_ms: { p50: null, p95: null },
      circuit: "closed",
    });
    expect(Array.isArray(series) && series.length).toBeGreaterThanOrEqual(168);
  });

  it("counts attempts of a day and a week by the hour, tests excluded", async () => {
    const id = await webhook();
    const ages = [MINUTE_MS, 23 * HOUR_MS, 25 * HOUR_MS, 167 * HOUR_MS, 169 * HOUR_MS];
    const records = ages.flatMap((agoMs) => [
      attempt(id, { agoMs }),
      attempt(id, { agoMs: agoMs + 1, ok: false }),
      attempt(id, { agoMs, ok: false, test: true }),
    ]);
    const extra = attempt(id, { agoMs: 2 * HOUR_MS });
    await log.attempts(...records, extra);
    const { body } = await ask(`${id}/health`);
    expect(body).toMatchObject({
      attempts: { "24h": { delivered: 3, failed: 2 }, "7d": { delivered: 5, failed: 4 } },
      success_rate: { "24h": 3 / 5, "7d": 5 / 9 },
    });
    const series: { at: string; delivered: number; failed: number }[] = Array.isArray(body.series) ? body.series : [];
    expect(series.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(5);
    const times = series.map(({ at }) => Date.parse(at));
    expect(
      times.every((at, index) => at % HOUR_MS === 0 && (index === 0 || at - (times[index - 1] ?? 0) === HOUR_MS)),
    ).toBe(true);
    const hour = series.find(({ at }) => at === iso(Math.floor((extra.try?.at ?? 0) / HOUR_MS) * HOUR_MS));
    expect(hour).toMatchObject({ delivered: 1, failed: 0 });
  });

  it("says since when a webhook fails, when that disables it, and how its last attempt went", async () => {
    const id = await webhook();
    const success = attempt(id, { agoMs: 4 * MINUTE_MS });
    const first = attempt(id, { agoMs: 3 * MINUTE_MS, ok: false });
    const last = attempt(id, { agoMs: MINUTE_MS, ok: false, circuit: "open", tookMs: 1_234 });
    await log.attempts(last, first, success);
    expect((await ask(`${id}/health`)).body).toMatchObject({
      status: "enabled",
      failing_since: iso(first.recorded_at),
      disable_at: iso(first.recorded_at + (24 * HOUR_MS) / TIME_SCALE),
      last_attempt: { at: iso(last.try?.at ?? 0), status_code: 503, error: "http_status", duration_ms: 1_234 },
      circuit: "open",
    });
    await log.attempts(attempt(id));
    expect((await ask(`${id}/health`)).body).toMatchObject({
      failing_since: null,
      disable_at: null,
      circuit: "closed",
    });
  });

  it.each([
    ["its own", { disable_after_s: 7_200 }, 7_200],
    ["never when that is 0", { disable_after_s: 0 }, null],
    ["never by the dialect buzzmark", { dialect: "buzzmark" }, null],
    ["that of the dialect standard", { dialect: "standard" }, 86_400],
  ])("takes the time until it is disabled: %s", async (_, settings, seconds) => {
    const id = await webhook(settings);
    const failed = attempt(id, { ok: false });
    await log.attempts(failed);
    const { body } = await ask(`${id}/health`);
    expect(body.disable_at).toBe(seconds === null ? null : iso(failed.recorded_at + (seconds * 1_000) / TIME_SCALE));
  });

  it("disables no webhook that is disabled already, and begins anew when it is enabled", async () => {
    const id = await webhook();
    const failed = attempt(id, { ok: false, circuit: "open" });
    await log.attempts(failed);
    await health.expect(200, "POST", `/v1/webhooks/${id}/disable`, { token: tenant.key });
    expect((await ask(`${id}/health`)).body).toMatchObject({ status: "disabled", disable_at: null });
    await health.expect(200, "POST", `/v1/webhooks/${id}/enable`, { token: tenant.key });
    expect((await ask(`${id}/health`)).body).toMatchObject({
      status: "enabled",
      failing_since: null,
      circuit: "closed",
      attempts: { "24h": { failed: 1 } },
    });
  });

  it("begins anew when one that is enabled and fails is enabled again, and only then", async () => {
    const enable = async (id: string) => {
      await health.expect(200, "POST", `/v1/webhooks/${id}/enable`, { token: tenant.key });
      const { items } = await health.expect(200, "GET", `/v1/webhooks/${id}/history`, { token: tenant.key });
      return z
        .array(z.object({ action: z.string() }))
        .parse(items)
        .map(({ action }) => action);
    };
    const id = await webhook();
    await log.attempts(attempt(id), attempt(id, { ok: false, agoMs: 500, circuit: "open" }));
    expect(await enable(id)).toEqual(["enabled", "created"]);
    expect((await ask(`${id}/health`)).body).toMatchObject({
      failing_since: null,
      disable_at: null,
      circuit: "closed",
    });
    expect((await ask(id)).body).toMatchObject({ status: "enabled", failing_since: null });
    expect(await enable(id)).toEqual(["enabled", "created"]);
    const open = await webhook();
    await log.attempts(attempt(open, { circuit: "open" }));
    expect(await enable(open)).toEqual(["enabled", "created"]);
  });

  it("tells the durations that half of the attempts, and all but 5 %, did not exceed", async () => {
    const id = await webhook();
    await log.attempts(...Array.from({ length: 100 }, (_, index) => attempt(id, { tookMs: 10 * (index + 1) })));
    const { latency_ms } = latencySchema.parse((await ask(`${id}/health`)).body);
    expect(latency_ms.p50 / 500).toBeGreaterThan(0.9);
    expect(latency_ms.p50 / 500).toBeLessThan(1.1);
    expect(latency_ms.p95 / 950).toBeGreaterThan(0.9);
    expect(latency_ms.p95 / 950).toBeLessThan(1.1);
  });
});

describe("GET /v1/webhooks/{id}/attempts", () => {
  const itemsOf = (answer: Answer) => (Array.isArray(answer.body.items) ? answer.body.items : []);

  it("shows failed attempts with all that was sent and answered, also of deliveries that succeeded later", async () => {
    const id = await webhook();
    const failed = attempt(id, { ok: false, agoMs: 60_000 });
    const delivered = { ...attempt(id), ...{ delivery_id: failed.delivery_id, accepted_at: failed.accepted_at } };
    await log.deliveries(aDelivery(failed, { body: Buffer.from('{"a":1}') }));
    await log.attempts(failed, delivered);
    const answer = await ask(`${id}/attempts?result=failed`);
    expect(answer).toMatchObject({ status: 200, body: { next_cursor: null } });
    expect(itemsOf(answer)).toEqual([
      {
        delivery_id: failed.delivery_id,
        event_id: failed.event_id,
        event_type: "bounce",
        email_id: "msg_1",
        recipient: "customer@example.com",
        test: false,
        round: 1,
        number: 1,
        at: iso(failed.try?.at ?? 0),
        status_code: 503,
        error: "http_status",
        duration_ms: 25,
        request_headers: failed.try?.request_headers,
        response_headers: { "content-type": "text/plain" },
        response_body: "ok",
        response_truncated: false,
        next_attempt_at: iso(failed.state.next_attempt_at ?? 0),
        request_body: '{"a":1}',
      },
    ]);
    expect(itemsOf(await ask(`${id}/attempts?result=delivered`))).toMatchObject([
      { status_code: 200, request_body: '{"a":1}' },
    ]);
    expect(itemsOf(await ask(`${id}/attempts`))).toMatchObject([{ status_code: 200 }, { status_code: 503 }]);
  });

  it("finds what an attempt was about under the day of an earlier copy", async () => {
    const id = await webhook();
    const second = { ...attempt(id, { ok: false }), publisher_id: true };
    const first = { ...second, accepted_at: second.accepted_at - 48 * HOUR_MS };
    await log.deliveries(aDelivery(first, { body: Buffer.from("first") }));
    await log.attempts(second);
    expect(itemsOf(await ask(`${id}/attempts?result=failed`))).toMatchObject([{ request_body: "first" }]);
  });

  it("shows none of days that are over, also when it was made for a later copy", async () => {
    const id = await webhook();
    const now = Date.now();
    const copy = { ...attempt(id, { agoMs: 1_000 }), publisher_id: true };
    await log.deliveries(aDelivery({ ...copy, accepted_at: now - 35 * 24 * HOUR_MS }));
    const shown = attempt(id, { agoMs: 5_000 });
    await log.attempts(copy, shown);
    await log.attempts({ ...attempt(id, { agoMs: 500 }), accepted_at: now - 32 * 24 * HOUR_MS });
    const page = await ask(`${id}/attempts?limit=2`);
    expect(itemsOf(page)).toMatchObject([{ delivery_id: shown.delivery_id }]);
    expect(page.body.next_cursor).toBeNull();
  });

  it.each(["", "&result=failed"])("leads through all pages, newest first%s", async (result) => {
    const id = await webhook();
    const records = Array.from({ length: 7 }, (_, index) => attempt(id, { ok: false, agoMs: 1_000 * (index >> 1) }));
    await log.attempts(...records, attempt(id, { agoMs: 500 }));
    const walked: unknown[] = [];
    let cursor: unknown = "";
    while (cursor !== null) {
      const answer: Answer = await ask(`${id}/attempts?limit=3${result}${cursor && `&cursor=${cursor}`}`);
      walked.push(...itemsOf(answer));
      cursor = answer.body.next_cursor;
    }
    const shown = z.array(z.object({ at: z.string(), delivery_id: z.string() })).parse(walked);
    const times = shown.map(({ at }) => at);
    expect(times).toHaveLength(result === "" ? 8 : 7);
    expect(times).toEqual([...times].sort().reverse());
    expect(new Set(shown.map(({ delivery_id }) => delivery_id)).size).toBe(times.length);
  });

  it.each([
    ["result=broken", "/result"],
    ["limit=0", "/limit"],
    ["cursor=nonsense", "/cursor"],
    ["status=failed", "/status"],
  ])("refuses ?%s", async (query, path) => {
    const answer = await ask(`${await webhook()}/attempts?${query}`);
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)).toEqual([path]);
  });
});

it.each(["health", "attempts"])("GET …/%s is for those who may see the webhook", async (what) => {
  const id = await webhook();
  const other = await health.tenant();
  const never = "wh_00000000000000000000000000";
  const theirs = await ask(`${id}/${what}`, other.key);
  expect(theirs).toMatchObject({ status: 404, body: { code: "not_found" } });
  expect(theirs.text).toBe((await ask(`${never}/${what}`, other.key)).text);
  expect((await ask(`${id}/${what}`, await health.key(tenant.id, ["publish"]))).status).toBe(403);
  expect((await health.ask("GET", `/v1/webhooks/${id}/${what}`, { token: null })).status).toBe(401);
  expect((await health.ask("GET", `/v1/webhooks/${id}/${what}`)).status).toBe(200);
  expect((await health.ask("GET", `/v1/webhooks/${id}/${what}?tenant_id=${other.id}`)).status).toBe(404);
  expect((await ask(`nonsense/${what}`)).status).toBe(404);
});
