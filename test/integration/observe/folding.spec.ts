import type { AttemptRecord, DeliveryRecord } from "@waggle/contracts";
import { DELIVERY_STATUSES } from "@waggle/domain";
import fc from "fast-check";
import { foldChanges } from "../../../apps/health/src/observe/fold";
import { dayOf } from "../../../apps/health/src/observe/log-days";
import { attemptEntry, deliveryEntry } from "../../../apps/health/src/observe/log-entry";
import { laterState, type RoundState } from "../../../apps/health/src/observe/round-state";
import { type LogDatabase, openLogDatabase } from "./log-database";
import { type OpenLog, openLog } from "./open-log";
import { aDelivery, aFailedAttempt, anAttempt, anEnd, anIdentity } from "./records";

const DAY_MS = 86_400_000;

jest.setTimeout(60_000);

let database: LogDatabase;
let log: OpenLog;

beforeAll(async () => {
  database = await openLogDatabase();
  log = openLog(database.connect());
});
afterAll(() => database.close());

test("a delivery is pending until its attempt is logged, and keeps what was sent and answered", async () => {
  const identity = anIdentity({ tags: ["a,b", '"quoted"', "back\\slash", "{}", ""], event_type: "inbound" });
  const delivery = aDelivery(identity, { body: Buffer.from('{"subject":"Gr\\u0000üße 📮"}') });
  await log.deliveries(delivery);
  expect(await log.one(identity.delivery_id)).toEqual({
    ...identity,
    round: 1,
    status: "pending",
    reason: null,
    next_attempt_at: delivery.due_at,
    attempt_count: 0,
    body: '{"subject":"Gr\\u0000üße 📮"}',
    attempts: [],
  });
  const attempt = anAttempt(identity);
  await log.attempts(attempt);
  const { number, at, duration_ms, status_code, error, request_headers, response_headers, response_body } =
    attempt.try ?? {};
  expect(await log.one(identity.delivery_id)).toMatchObject({
    status: "delivered",
    next_attempt_at: null,
    attempt_count: 1,
    attempts: [
      {
        ...{ round: 1, number, at, duration_ms, status_code, error, request_headers, response_headers, response_body },
        response_truncated: false,
        next_attempt_at: null,
      },
    ],
  });
});

test("only the record that begins a round is logged, not those of its later attempts", async () => {
  const identity = anIdentity();
  await log.deliveries(aDelivery(identity, { attempt: 2 }), aDelivery(identity, { park: 1 }));
  expect(await log.reader.one(identity.delivery_id, null)).toBeNull();
});

test("an attempt makes the row when it is first, and the body comes later", async () => {
  const identity = anIdentity();
  await log.attempts(anAttempt(identity));
  expect(await log.one(identity.delivery_id)).toMatchObject({ status: "delivered", body: null, attempt_count: 1 });
  await log.deliveries(aDelivery(identity));
  expect(await log.one(identity.delivery_id)).toMatchObject({
    status: "delivered",
    next_attempt_at: null,
    body: `{"id":"${identity.event_id}"}`,
  });
});

test("an end without a try changes the state and adds no attempt", async () => {
  const identity = anIdentity();
  await log.attempts(aFailedAttempt(identity, 1), anEnd(identity), anEnd(identity));
  expect(await log.one(identity.delivery_id)).toMatchObject({
    status: "skipped",
    reason: "webhook_disabled",
    attempt_count: 1,
  });
});

test("a new round supersedes, keeps the attempts of the old one, and the body", async () => {
  const identity = anIdentity();
  await log.deliveries(aDelivery(identity));
  await log.attempts(
    anAttempt(identity, {
      state: { status: "exhausted", reason: "gone" },
      try: { status_code: 410, error: "http_status" },
    }),
  );
  await log.deliveries(aDelivery(identity, { round: 2, due_at: 9_000, body: Buffer.from("other") }));
  const again = await log.one(identity.delivery_id);
  expect(again).toMatchObject({ round: 2, status: "pending", reason: null, next_attempt_at: 9_000, attempt_count: 1 });
  expect(again.body).toBe(`{"id":"${identity.event_id}"}`);
  await log.attempts(anAttempt(identity, { round: 2 }), aFailedAttempt(identity, 2));
  const after = await log.one(identity.delivery_id);
  expect(after).toMatchObject({ round: 2, status: "delivered", attempt_count: 3 });
  expect(after.attempts.map(({ round, number }) => [round, number])).toEqual([
    [1, 1],
    [1, 2],
    [2, 1],
  ]);
});

test("test deliveries are logged, and say so", async () => {
  const identity = anIdentity({ test: true });
  await log.attempts(anAttempt(identity));
  expect(await log.one(identity.delivery_id)).toMatchObject({ test: true, attempt_count: 1 });
  const [row] = await database.rows("SELECT test FROM attempts WHERE delivery_id = $1", [identity.delivery_id]);
  expect(row).toEqual({ test: true });
});

const states: fc.Arbitrary<RoundState> = fc.record({
  round: fc.integer({ min: 1, max: 2 }),
  status: fc.constantFrom(...DELIVERY_STATUSES),
  reason: fc.constantFrom(null, "attempts_used", "gone", "webhook_disabled"),
  next_attempt_at: fc.constantFrom(null, 0, 1_000, 2_000),
  number: fc.integer({ min: 0, max: 2 }),
  at: fc.integer({ min: 0, max: 2 }),
});

test("the statement that merges states follows the rule that is written down", async () => {
  const pairs = fc.sample(fc.tuple(states, states), 1_000).map(([before, after]) => {
    return { identity: anIdentity(), before, after };
  });
  const merge = (which: "before" | "after") =>
    log.log.transaction((transaction) =>
      transaction.mergeDeliveries(
        pairs.map(({ identity, ...pair }) => ({ identity, state: pair[which], attempts: 0 })),
      ),
    );
  await log.log.makeDays([dayOf(Date.now() - 60_000)]);
  await merge("before");
  await merge("after");
  const rows = await database.rows(
    `SELECT delivery_id, round, status, reason, next_attempt_at, state_number AS number, state_at AS at
     FROM deliveries WHERE delivery_id = ANY ($1)`,
    [pairs.map(({ identity }) => identity.delivery_id)],
  );
  const merged = new Map(rows.map(({ delivery_id, ...state }) => [delivery_id, state]));
  const date = (ms: number | null) => (ms === null ? null : new Date(ms));
  for (const { identity, before, after } of pairs) {
    const { next_attempt_at, at, ...state } = laterState(before, after);
    expect(merged.get(identity.delivery_id)).toEqual({
      ...state,
      next_attempt_at: date(next_attempt_at),
      at: date(at),
    });
  }
});

/** What can happen to one delivery: two rounds, tries that fail or succeed, an end without a try. */
const histories = fc.record({
  first: fc.integer({ min: 0, max: 3 }),
  outcome: fc.constantFrom("open", "delivered", "exhausted", "skipped"),
  second: fc.integer({ min: 0, max: 2 }),
  requeued: fc.boolean(),
  order: fc.infiniteStream(fc.nat()),
  again: fc.boolean(),
  batches: fc.integer({ min: 1, max: 4 }),
});

test("any order, any batches and any repetition of a history end in the same row, the one the rules name", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ first, outcome, second, requeued, order, again, batches }) => {
      const identity = anIdentity();
      const records: (DeliveryRecord | AttemptRecord)[] = [aDelivery(identity)];
      for (let number = 1; number <= first; number++) records.push(aFailedAttempt(identity, number));
      const last = { try: { number: first + 1 } };
      if (outcome === "delivered") records.push(anAttempt(identity, last));
      if (outcome === "exhausted") {
        records.push(anAttempt(identity, { ...last, state: { status: "exhausted", reason: "attempts_used" } }));
      }
      if (outcome === "skipped") records.push(anEnd(identity));
      if (requeued) {
        records.push(aDelivery(identity, { round: 2, due_at: identity.accepted_at + 500_000 }));
        for (let number = 1; number <= second; number++) records.push(aFailedAttempt(identity, number, 2));
      }
      const tries = records.filter((record) => "try" in record && record.try !== null).length;
      const played = (again ? [...records, ...records] : records)
        .map((record) => ({ record, place: order.next().value }))
        .sort((a, b) => a.place - b.place)
        .map(({ record }) => record);
      const size = Math.ceil(played.length / batches);
      const countedBefore = log.counted();
      for (let at = 0; at < played.length; at += size) {
        const batch = played.slice(at, at + size);
        await log.deliveries(...batch.filter((record) => "body" in record));
        await log.attempts(...batch.filter((record) => "try_id" in record));
      }
      const [expected] = foldChanges(
        records.flatMap((record) => {
          const entry = "body" in record ? deliveryEntry(record) : attemptEntry(record);
          return entry ? [{ identity, state: entry.state, attempts: 0 }] : [];
        }),
      );
      const { round, status, reason, next_attempt_at } = expected?.state ?? {};
      const logged = await log.one(identity.delivery_id);
      expect(logged).toMatchObject({ round, status, reason, next_attempt_at, attempt_count: tries });
      expect(logged.attempts).toHaveLength(tries);
      expect(log.counted() - countedBefore).toBe(tries);
    }),
    { numRuns: 60 },
  );
});

describe("a publisher's own id that comes again on another day", () => {
  const copies = () => {
    const first = anIdentity({ publisher_id: true, accepted_at: Date.now() - 2 * DAY_MS });
    return { first, second: { ...first, accepted_at: Date.now(), recipient: "somebody.else@example.com" } };
  };
  const rowsOf = (deliveryId: string) =>
    database.rows("SELECT delivery_id FROM deliveries WHERE delivery_id = $1", [deliveryId]);

  test("is the delivery that is there already: the first row and body stay, attempts of both count", async () => {
    const { first, second } = copies();
    await log.deliveries(aDelivery(first));
    await log.attempts(aFailedAttempt(first, 1));
    await log.deliveries(aDelivery(second, { body: Buffer.from("another body") }));
    await log.attempts(anAttempt(second));
    const logged = await log.one(first.delivery_id);
    expect(logged).toMatchObject({
      ...first,
      status: "delivered",
      attempt_count: 2,
      body: `{"id":"${first.event_id}"}`,
    });
    expect(logged.attempts).toHaveLength(2);
    expect(await rowsOf(first.delivery_id)).toHaveLength(1);
  });

  test("counts each attempt once, also when both days are replayed", async () => {
    const { first, second } = copies();
    const play = async () => {
      await log.deliveries(aDelivery(first), aDelivery(second));
      await log.attempts(aFailedAttempt(first, 1), anEnd(first));
      await log.attempts(attempt);
    };
    const attempt = anAttempt(second);
    await play();
    const once = await log.one(first.delivery_id);
    const failed = await database.rows("SELECT * FROM attempts WHERE delivery_id = $1", [first.delivery_id]);
    await log.attempts(attempt);
    await log.deliveries(aDelivery(second), aDelivery(first));
    expect(await log.one(first.delivery_id)).toEqual(once);
    expect(failed).toHaveLength(2);
  });

  test("folds into the later copy's row when that was logged first", async () => {
    const { first, second } = copies();
    await log.deliveries(aDelivery(second));
    await log.attempts(anEnd(first), aFailedAttempt(first, 1));
    expect(await log.one(first.delivery_id)).toMatchObject({ attempt_count: 1, accepted_at: second.accepted_at });
    expect(await rowsOf(first.delivery_id)).toHaveLength(1);
  });

  test("makes one row when both copies are logged at the same moment", async () => {
    for (let round = 0; round < 20; round++) {
      const { first, second } = copies();
      await Promise.all([log.deliveries(aDelivery(second)), log.attempts(aFailedAttempt(first, 1))]);
      expect(await rowsOf(first.delivery_id)).toHaveLength(1);
      expect(await log.one(first.delivery_id)).toMatchObject({ attempt_count: 1 });
    }
  });
});

test("batches that hold the same deliveries in other orders do not wait for each other for ever", async () => {
  const identities = Array.from({ length: 200 }, () => anIdentity());
  const batch = (number: number) => identities.map((identity) => aFailedAttempt(identity, number));
  await log.attempts(...batch(1));
  await Promise.all([
    log.attempts(...batch(2)),
    log.attempts(...batch(3).reverse()),
    log.deliveries(...identities.map((identity) => aDelivery(identity)).reverse()),
  ]);
  const [row] = await database.rows(
    "SELECT count(*)::int AS rows, min(attempt_count) AS least FROM deliveries WHERE delivery_id = ANY ($1)",
    [identities.map(({ delivery_id }) => delivery_id)],
  );
  expect(row).toEqual({ rows: 200, least: 3 });
});

test("batches that hold the same tries in other orders do not wait for each other for ever, and count each once", async () => {
  const identities = Array.from({ length: 100 }, () => anIdentity());
  const tries = identities.flatMap((identity) => [1, 2, 3].map((number) => aFailedAttempt(identity, number)));
  await Promise.all([log.attempts(...tries), log.attempts(...[...tries].reverse()), log.attempts(...tries)]);
  const [row] = await database.rows(
    "SELECT min(attempt_count) AS least, max(attempt_count) AS most FROM deliveries WHERE delivery_id = ANY ($1)",
    [identities.map(({ delivery_id }) => delivery_id)],
  );
  expect(row).toEqual({ least: 3, most: 3 });
});

test("text that PostgreSQL cannot hold is stored without what it cannot hold", async () => {
  const identity = anIdentity({ recipient: "a\0b@example.com", email_id: "msg\ud800", tags: ["t\0"] });
  await log.deliveries(aDelivery(identity, { body: Buffer.from([0x22, 0x00, 0xff, 0x22]) }));
  await log.attempts(
    anAttempt(identity, {
      try: { response_body: "\0\ud800", response_headers: { "x-odd": "\0\ud800" }, request_headers: { x: "\u0000" } },
    }),
  );
  expect(await log.one(identity.delivery_id)).toMatchObject({
    recipient: "a\ufffdb@example.com",
    email_id: "msg\ufffd",
    tags: ["t\ufffd"],
    body: '"\ufffd\ufffd"',
    attempts: [{ response_body: "\ufffd\ufffd", request_headers: { x: "\0" } }],
  });
});

test("an email id or recipient longer than an index entry can be is stored and found", async () => {
  const long = Array.from({ length: 5_000 }, (_, index) => (index * 7_919).toString(36)).join("");
  const identity = anIdentity({ email_id: `msg_${long}`, recipient: `${long}@example.com`, tags: ["x".repeat(128)] });
  await log.deliveries(aDelivery(identity));
  const filter = { tenant_id: "ten_1", webhook_id: null, status: null, event_type: null, event_id: null };
  const found = await log.reader.list(
    { ...filter, email_id: identity.email_id, recipient: identity.recipient, tag: null, since: null, until: null },
    { after: null, limit: 10 },
  );
  expect(found.map(({ delivery_id }) => delivery_id)).toEqual([identity.delivery_id]);
});

test.each([
  ["a number too large", () => anAttempt(anIdentity(), { round: 3_000_000_000 }), null],
  ["a time that does not exist", () => anAttempt(anIdentity(), { recorded_at: 9e18 }), "22008"],
  ["an id with NUL", () => anAttempt(anIdentity({ webhook_id: "wh\0" })), "22021"],
  ["an id too long to be indexed", () => anAttempt(anIdentity({ event_id: unique(20_000) })), "54000"],
])("%s is refused for what it is", async (_what, record, state) => {
  await expect(log.attempts(record())).rejects.toMatchObject({
    code: "unstorable",
    detail: state ? `SQLSTATE ${state}` : "the statement cannot be made",
  });
});

function unique(length: number): string {
  let text = "";
  for (let index = 0; text.length < length; index++) text += (index * 2_654_435_761).toString(36);
  return text;
}
