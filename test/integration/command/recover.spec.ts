import {
  type DeliveryIdentity,
  type DeliveryRecord,
  decodeDelivery,
  decodeDirectoryRecord,
  MAX_BODY_BYTES,
} from "@waggle/contracts";
import { renderBody } from "@waggle/domain";
import { Database } from "@waggle/postgres";
import { anEmailEvent, createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RecoveryWork } from "../../../apps/health/src/command/recover/recovery-work";
import { eventEntry } from "../../../apps/health/src/observe/event-entry";
import { dayOf } from "../../../apps/health/src/observe/log-days";
import { PostgresRecoveryStore } from "../../../apps/health/src/out/command/recovery-store.postgres";
import { storeMail } from "../authorisation/store-mail";
import { type Answer, RunningHealth, wrongFields } from "../manage/running-health";
import { sql } from "../manage/sql";
import { type OpenLog, openLog } from "../observe/open-log";
import { aDelivery, aFailedAttempt, anAttempt, anEnd, anIdentity } from "../observe/records";
import { outbox } from "./outbox";

jest.setTimeout(60_000);

const HOUR_MS = 3_600_000;
const silent = { info: () => {}, warn: () => {} };
const LIFETIME_OVER = { status: "exhausted", reason: "lifetime_over", next_attempt_at: null } as const;
const iso = (ms: number) => new Date(ms).toISOString();

let database: TestDatabase;
let connection: Database;
let health: RunningHealth;
let log: OpenLog;
let tenant: { id: string; key: string };
let webhookId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  connection = new Database({ url: database.url, logger: silent, poolSize: 4 });
  log = openLog(connection);
  tenant = await health.tenant();
});
beforeEach(async () => {
  const body = { url: "https://api.acme.com/", events: ["*"] };
  webhookId = String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
});
afterEach(async () => {
  await health.ask("DELETE", `/v1/webhooks/${webhookId}`);
});
afterAll(async () => {
  await health.stop();
  await connection.close();
  await database.drop();
});

/** One process's share of the work. The log is complete by then, unless `through` says otherwise. */
function work(through: () => number | null = () => Date.now() + 10_000, isStopping = () => false): RecoveryWork {
  return new RecoveryWork({
    store: new PostgresRecoveryStore(connection, Date.now),
    log: { completeThrough: async () => through() },
    logger: silent,
    now: Date.now,
    isStopping,
  });
}

/** The work of one transaction, when only one recovery is running. */
function step(): Promise<void> {
  let steps = 0;
  return work(undefined, () => steps++ > 0).advance();
}

const identity = (overrides: Partial<DeliveryIdentity> = {}) =>
  anIdentity({ webhook_id: webhookId, tenant_id: tenant.id, ...overrides });

/** Deliveries that used up their attempts, `count` of them, a second apart and the last one a minute ago. */
async function exhausted(count: number, overrides: Partial<DeliveryIdentity> = {}): Promise<DeliveryIdentity[]> {
  const last = Date.now() - 60_000;
  const all = Array.from({ length: count }, (_, index) =>
    identity({ accepted_at: last - (count - 1 - index) * 1_000, ...overrides }),
  );
  await log.deliveries(...all.map((each) => aDelivery(each)));
  const state = { status: "exhausted", reason: "attempts_used" } as const;
  await log.attempts(...all.map((each) => anAttempt(each, { try: { status_code: 500, error: "http_status" }, state })));
  return all;
}

const recover = (body: unknown = {}, token = tenant.key): Promise<Answer> =>
  health.ask("POST", `/v1/webhooks/${webhookId}/recover`, {
    token,
    body: { since: iso(Date.now() - 24 * HOUR_MS), ...Object(body) },
  });

async function begin(body: unknown = {}): Promise<string> {
  const answer = await recover(body);
  expect(answer.status).toBe(202);
  return String(answer.body.id);
}

const shown = (id: string) => health.expect(200, "GET", `/v1/recoveries/${id}`, { token: tenant.key });
const change = (action: "enable" | "disable") =>
  health.expect(200, "POST", `/v1/webhooks/${webhookId}/${action}`, { token: tenant.key });

async function published(): Promise<DeliveryRecord[]> {
  const records = (await outbox(database.url, "webhook.deliveries")).map(decodeDelivery);
  return records.filter(({ webhook_id }) => webhook_id === webhookId);
}

/** A message that the webhook missed, and the bytes that are read to render it. */
async function missedMail(text: string): Promise<{ readonly accepted_at: number; readonly bytes: number }> {
  const mail = {
    tenant_id: tenant.id,
    hash: "k3v7q2mzb4xw6hd5t7rcn2pyfa3sj6ue",
    mark: "missed",
    text,
    attachments: [],
  };
  const { id, accepted_at } = await storeMail({ log, blobs: { put: async () => {} } }, mail);
  await log.attempts(anEnd(identity({ event_id: id, event_type: "inbound", email_id: "", tags: [], accepted_at })));
  const size = "SELECT octet_length(message) AS bytes FROM inbound_messages WHERE event_id = $1";
  const [row] = await sql(database.url, size, [id]);
  return { accepted_at, bytes: Number(row?.bytes) };
}

const ids = (all: readonly { readonly delivery_id: string }[]) => all.map(({ delivery_id }) => delivery_id);

it("begins a new round of what was exhausted or skipped, oldest first, with the bytes it would have had", async () => {
  const event = anEmailEvent({ id: "evt_missed", tenant_id: tenant.id, accepted_at: Date.now() - 30_000 });
  await log.log.makeDays([dayOf(event.accepted_at)]);
  const entry = eventEntry({ value: Buffer.from(JSON.stringify(event)) });
  await log.log.transaction((transaction) => transaction.insertEvents([entry]));
  const skipped = identity({ event_id: event.id, accepted_at: event.accepted_at, dialect: "standard" });
  await log.attempts(anEnd(skipped));
  const old = await exhausted(3);

  const { status, body } = await recover();
  expect(status).toBe(202);
  expect(body).toMatchObject({ webhook_id: webhookId, dry_run: false, status: "running", matched: 4, requeued: 0 });
  await work().advance();
  expect(await shown(String(body.id))).toMatchObject({
    status: "done",
    reason: null,
    matched: 4,
    requeued: 4,
    unrecoverable: 0,
  });

  const records = await published();
  expect(ids(records)).toEqual(ids([...old, skipped]));
  expect(records.map(({ round, attempt }) => [round, attempt])).toEqual([
    [2, 1],
    [2, 1],
    [2, 1],
    [2, 1],
  ]);
  expect(records[0]?.body).toEqual(aDelivery(identity(old[0])).body);
  expect(records[3]?.body.toString()).toBe(renderBody("standard", event));
  expect(await log.one(skipped.delivery_id)).toMatchObject({
    status: "pending",
    round: 2,
    body: renderBody("standard", event),
  });
});

it("takes only what was asked for", async () => {
  const hours = (count: number) => Date.now() - count * HOUR_MS;
  const [early, wanted, late] = [hours(5), hours(3), hours(1)].map((accepted_at) => identity({ accepted_at }));
  const pending = identity({ accepted_at: hours(3) });
  const delivered = identity({ accepted_at: hours(3) });
  const test = identity({ accepted_at: hours(3), test: true });
  const skipped = identity({ accepted_at: hours(3) });
  const another = identity({ accepted_at: hours(3), webhook_id: "wh_another" });
  const all = [early, wanted, late, pending, delivered, test, skipped, another].flatMap((each) => each ?? []);
  await log.deliveries(...all.map((each) => aDelivery(each)));
  await log.attempts(
    ...[early, wanted, late, test, another].flatMap((each) => (each ? [anEnd(each, { state: LIFETIME_OVER })] : [])),
    aFailedAttempt(pending, 1),
    anAttempt(delivered),
    anEnd(skipped),
  );
  const times = { since: iso(hours(4)), until: iso(hours(2)) };
  expect((await recover({ ...times, dry_run: true })).body).toMatchObject({ matched: 2 });
  const id = await begin({ ...times, statuses: ["exhausted"] });
  await work().advance();
  expect(await shown(id)).toMatchObject({ status: "done", matched: 1, requeued: 1, statuses: ["exhausted"] });
  expect(ids(await published())).toEqual([wanted?.delivery_id]);
});

it("only counts when it is a dry run", async () => {
  const [first] = await exhausted(2);
  const answer = await recover({ dry_run: true });
  expect(answer).toMatchObject({ status: 202, body: { id: null, dry_run: true, matched: 2, webhook_id: webhookId } });
  await work().advance();
  expect(await published()).toEqual([]);
  expect(await log.one(first?.delivery_id ?? "")).toMatchObject({ status: "exhausted", round: 1 });
});

it("does not flood the receiver: 200 wait for it at most, whoever works", async () => {
  const all = await exhausted(450);
  const id = await begin();
  await Promise.all([work().advance(), work().advance()]);
  expect(await shown(id)).toMatchObject({ status: "running", requeued: 200 });
  await work().advance();
  const first = await published();
  expect(first).toHaveLength(200);
  await log.attempts(...first.slice(0, 120).map((record) => anAttempt(record, { round: 2 })));
  await Promise.all([work().advance(), work().advance(), work().advance()]);
  expect(await shown(id)).toMatchObject({ status: "running", requeued: 320 });
  await log.attempts(...(await published()).map((record) => anAttempt(record, { round: 2 })));
  await work().advance();
  expect(await shown(id)).toMatchObject({ status: "done", requeued: 450, finished_at: expect.any(String) });
  expect(ids(await published())).toEqual(ids(all));
});

it("waits for retries of what it sent again only once they are due", async () => {
  await exhausted(201);
  const id = await begin();
  await work().advance();
  const failed = (await published()).map((record) =>
    anAttempt(record, {
      round: 2,
      try: { status_code: 500, error: "http_status" },
      state: { status: "pending", next_attempt_at: Date.now() + HOUR_MS },
    }),
  );
  await log.attempts(...failed);
  await work().advance();
  expect(await shown(id)).toMatchObject({ status: "done", requeued: 201 });
});

it("begins once what was skipped before everybody knew of the enable is in the log", async () => {
  const id = await begin();
  const begun = Date.parse(String((await shown(id)).created_at));
  for (const through of [null, begun + 5_999]) {
    await work(() => through).advance();
    expect(await shown(id)).toMatchObject({ status: "running", requeued: 0 });
  }
  // A router that did not know yet skipped what was accepted after the recovery was asked for.
  const late = identity({ accepted_at: begun + 1_000 });
  await log.deliveries(aDelivery(late));
  await log.attempts(anEnd(late));
  await work(() => begun + 6_000).advance();
  expect(await shown(id)).toMatchObject({ status: "done", matched: 0, requeued: 1 });
  expect(ids(await published())).toEqual([late.delivery_id]);
});

it("walks both statuses in one order, however they alternate", async () => {
  const at = (index: number) => Date.now() - 100_000 + index;
  const all = Array.from({ length: 120 }, (_, index) => identity({ accepted_at: at(index) }));
  await log.deliveries(...all.map((each) => aDelivery(each)));
  await log.attempts(...all.map((each, index) => anEnd(each, index % 3 === 0 ? { state: LIFETIME_OVER } : {})));
  const id = await begin();
  await work().advance();
  expect(await shown(id)).toMatchObject({ status: "done", matched: 120, requeued: 120 });
  expect(ids(await published())).toEqual(ids(all));
});

it("passes over an event that can no longer be read", async () => {
  const unreadable = identity({ event_id: "evt_unreadable" });
  const event = anEmailEvent({ id: "evt_unreadable", tenant_id: tenant.id, accepted_at: unreadable.accepted_at });
  await log.log.makeDays([dayOf(event.accepted_at)]);
  const entry = { ...eventEntry({ value: Buffer.from(JSON.stringify(event)) }), body: "{}" };
  await log.log.transaction((transaction) => transaction.insertEvents([entry]));
  await log.attempts(anEnd(unreadable));
  await exhausted(1);
  const id = await begin();
  await work().advance();
  expect(await shown(id)).toMatchObject({ status: "done", requeued: 1, unrecoverable: 1 });
});

describe("of what is read at a time", () => {
  const MOST_BYTES = 16 * 1_048_576;
  const TEXT = "x".repeat(6 * 1_048_576);

  it.each([
    ["as many bytes as may be are read at once", 0, { status: "done", requeued: 2 }],
    ["what is one byte too many is left to the next time", 1, { status: "running", requeued: 1 }],
  ])("%s", async (_, over, afterOne) => {
    const mail = await missedMail(TEXT);
    const old = identity();
    const body = Buffer.alloc(MOST_BYTES - mail.bytes + over, "x");
    await log.deliveries(aDelivery(old, { body }));
    await log.attempts(anEnd(old, { state: LIFETIME_OVER }));
    const id = await begin();
    await step();
    expect(await shown(id)).toMatchObject(afterOne);
    await work().advance();
    expect(await shown(id)).toMatchObject({ status: "done", requeued: 2, unrecoverable: 0 });
    const [first, second] = await published();
    expect(first?.body.equals(body)).toBe(true);
    expect(JSON.parse(String(second?.body)).data.text_body).toHaveLength(TEXT.length);
  });

  it("a message that is larger goes by itself, as what fits into a body", async () => {
    const mail = await missedMail("\0".repeat(3 * 1_048_576));
    expect(mail.bytes).toBeGreaterThan(MOST_BYTES);
    await exhausted(1, { accepted_at: mail.accepted_at + 1 });
    const id = await begin();
    await step();
    expect(await shown(id)).toMatchObject({ status: "running", requeued: 1 });
    await step();
    expect(await shown(id)).toMatchObject({ status: "done", requeued: 2 });
    const [large, small] = await published();
    expect(large?.body.length).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect(JSON.parse(String(large?.body)).data.truncated).toBe(true);
    expect(small?.event_type).toBe("bounce");
  });
});

it("lets a first round that may still wait for a retry go no further", async () => {
  const repeated = identity({ publisher_id: true });
  await log.deliveries(aDelivery(repeated));
  await log.attempts(aFailedAttempt(repeated, 1), anEnd(repeated));
  const fresh = identity();
  await log.deliveries(aDelivery(fresh));
  await log.attempts(anEnd(fresh));
  await begin();
  await work().advance();
  const entries = (await outbox(database.url, "webhook.directory")).map(decodeDirectoryRecord);
  const superseded = entries.filter(({ kind }) => kind === "delivery").map(({ id }) => id);
  expect(superseded).toContain(repeated.delivery_id);
  expect(superseded).not.toContain(fresh.delivery_id);
});

it("passes over what nobody kept the content of, and says how many", async () => {
  await log.attempts(anEnd(identity()), anEnd(identity()));
  await exhausted(1);
  const id = await begin();
  await work().advance();
  expect(await shown(id)).toMatchObject({ status: "done", matched: 3, requeued: 1, unrecoverable: 2 });
});

it("is refused while the webhook is disabled, and ends when it is disabled meanwhile", async () => {
  await exhausted(1);
  const id = await begin();
  await change("disable");
  expect(await recover()).toMatchObject({ status: 409, body: { code: "webhook_disabled" } });
  await work().advance();
  expect(await shown(id)).toMatchObject({ status: "cancelled", reason: "webhook_disabled", requeued: 0 });
  expect(await published()).toEqual([]);
});

it("ends also when the webhook was disabled and enabled again before anybody looked", async () => {
  await exhausted(1);
  const id = await begin();
  await change("disable");
  await change("enable");
  await work().advance();
  expect(await shown(id)).toMatchObject({ status: "cancelled", reason: "webhook_disabled", requeued: 0 });
});

it("assumes the webhook as the enable left it", async () => {
  await exhausted(1);
  await change("disable");
  await change("enable");
  await begin();
  await work().advance();
  const entries = (await outbox(database.url, "webhook.directory")).map(decodeDirectoryRecord);
  const versions = entries.filter(({ id }) => id === webhookId).map(({ entry }) => entry?.version);
  expect((await published()).map(({ min_webhook_version }) => min_webhook_version)).toEqual([versions.at(-1)]);
});

it("stops where it stands when it is cancelled, and stays so", async () => {
  await exhausted(201);
  const id = await begin();
  await work().advance();
  for (const _ of [1, 2]) await health.expect(204, "DELETE", `/v1/recoveries/${id}`, { token: tenant.key });
  await log.attempts(...(await published()).map((record) => anAttempt(record, { round: 2 })));
  await work().advance();
  expect(await shown(id)).toMatchObject({ status: "cancelled", reason: "by_request", requeued: 200, matched: 201 });
});

it("is the tenant's alone", async () => {
  const id = await begin();
  const other = await health.tenant();
  expect((await recover({}, other.key)).status).toBe(404);
  expect((await recover({}, await health.key(tenant.id, ["publish"]))).status).toBe(403);
  for (const method of ["GET", "DELETE"]) {
    expect((await health.ask(method, `/v1/recoveries/${id}`, { token: other.key })).status).toBe(404);
    expect((await health.ask(method, "/v1/recoveries/nonsense", { token: tenant.key })).status).toBe(404);
    expect((await health.ask(method, `/v1/recoveries/${id}`, { token: null })).status).toBe(401);
  }
});

it.each([
  [{ since: undefined }, ["/since"]],
  [{ since: "yesterday" }, ["/since"]],
  [{ since: new Date(Date.now() + HOUR_MS).toISOString() }, ["/since"]],
  [{ until: "2020-01-01T00:00:00Z" }, ["/until"]],
  [{ statuses: [] }, ["/statuses"]],
  [{ statuses: ["pending"] }, ["/statuses/0"]],
  [{ dry_run: "yes" }, ["/dry_run"]],
])("refuses %j", async (body, fields) => {
  const answer = await recover(body);
  expect(answer.status).toBe(422);
  expect(wrongFields(answer)).toEqual(fields);
});
