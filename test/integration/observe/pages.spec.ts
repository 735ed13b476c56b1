import type { DeliveryIdentity } from "@waggle/contracts";
import { Database } from "@waggle/postgres";
import type { DeliveryFilter, DeliveryPosition } from "../../../apps/health/src/observe/ports";
import { deliveryPage } from "../../../apps/health/src/out/observe/log-page.postgres";
import { PostgresDeliveryReader } from "../../../apps/health/src/out/observe/log-reader.postgres";
import { type LogDatabase, openLogDatabase } from "./log-database";
import { type OpenLog, openLog } from "./open-log";
import { aDelivery, aFailedAttempt, anAttempt, anEnd, anIdentity } from "./records";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 3, 17, 12);
const HOUR_MS = 3_600_000;

const EVERYTHING: DeliveryFilter = {
  tenant_id: "ten_1",
  webhook_id: null,
  status: null,
  event_type: null,
  event_id: null,
  email_id: null,
  recipient: null,
  tag: null,
  since: null,
  until: null,
};

jest.setTimeout(60_000);

let database: LogDatabase;
let log: OpenLog;

beforeEach(async () => {
  database = await openLogDatabase();
  log = openLog(database.connect(), () => NOW);
});
afterEach(() => database.close());

async function ids(filter: Partial<DeliveryFilter>, after: DeliveryPosition | null = null, limit = 200) {
  const found = await log.reader.list({ ...EVERYTHING, ...filter }, { after, limit });
  return found.map(({ delivery_id }) => delivery_id);
}

/** Logs deliveries accepted an hour apart, the first one newest; resolves to their ids. */
async function logged(...overrides: Partial<DeliveryIdentity>[]): Promise<string[]> {
  const identities = overrides.map((override, index) =>
    anIdentity({ accepted_at: NOW - index * HOUR_MS, ...override }),
  );
  await log.deliveries(...identities.map((identity) => aDelivery(identity)));
  return identities.map(({ delivery_id }) => delivery_id);
}

test("deliveries come newest first, over all days, and only those of the tenant", async () => {
  const own = await logged({}, {}, { accepted_at: NOW - 3 * DAY_MS }, { accepted_at: NOW - 20 * DAY_MS });
  await logged({ tenant_id: "ten_2" });
  expect(await ids({})).toEqual(own);
  expect(await ids({ tenant_id: "ten_3" })).toEqual([]);
});

test.each<[keyof DeliveryFilter, Partial<DeliveryIdentity>, DeliveryFilter[keyof DeliveryFilter]]>([
  ["webhook_id", { webhook_id: "wh_wanted" }, "wh_wanted"],
  ["event_type", { event_type: "complaint" }, "complaint"],
  ["event_id", { event_id: "evt_wanted" }, "evt_wanted"],
  ["email_id", { email_id: "msg_wanted" }, "msg_wanted"],
  ["recipient", { recipient: "wanted@example.com" }, "wanted@example.com"],
  ["tag", { tags: ["a", 'wan"ted', "b"] }, 'wan"ted'],
])("%s picks its deliveries, of this tenant only", async (name, override, value) => {
  const [, wanted, , alsoWanted] = await logged({}, override, { tags: [] }, { ...override, accepted_at: NOW - DAY_MS });
  await logged({ ...override, tenant_id: "ten_2" });
  expect(await ids({ [name]: value })).toEqual([wanted, alsoWanted]);
});

test("status picks deliveries as they stand now", async () => {
  const identities = ["pending", "delivered", "exhausted", "skipped"].map((delivery_id) =>
    anIdentity({ delivery_id, accepted_at: NOW - HOUR_MS }),
  );
  const [, delivered, exhausted, skipped] = identities;
  await log.deliveries(...identities.map((identity) => aDelivery(identity)));
  await log.attempts(
    anAttempt(delivered ?? anIdentity()),
    anAttempt(exhausted ?? anIdentity(), { state: { status: "exhausted", reason: "attempts_used" } }),
    anEnd(skipped ?? anIdentity()),
  );
  expect(await ids({ status: "pending" })).toEqual(["pending"]);
  expect(await ids({ status: "delivered" })).toEqual(["delivered"]);
  expect(await ids({ status: "exhausted" })).toEqual(["exhausted"]);
  expect(await ids({ status: "skipped" })).toEqual(["skipped"]);
});

test("since is included, until is not", async () => {
  const [newest, middle, oldest] = await logged({}, {}, {});
  expect(await ids({ since: NOW - HOUR_MS })).toEqual([newest, middle]);
  expect(await ids({ until: NOW - HOUR_MS })).toEqual([oldest]);
  expect(await ids({ since: NOW - HOUR_MS, until: NOW - HOUR_MS + 1 })).toEqual([middle]);
});

test("filters are met together", async () => {
  const [wanted] = await logged(
    { webhook_id: "wh_2", event_type: "click", tags: ["x"] },
    { webhook_id: "wh_2", event_type: "click", tags: ["y"] },
    { webhook_id: "wh_2", event_type: "open", tags: ["x"] },
    { webhook_id: "wh_3", event_type: "click", tags: ["x"] },
  );
  expect(await ids({ webhook_id: "wh_2", event_type: "click", tag: "x", status: "pending" })).toEqual([wanted]);
});

test("walking the pages meets every delivery once, also those of one millisecond, while others are logged", async () => {
  const identities = Array.from({ length: 57 }, (_, index) =>
    anIdentity({ accepted_at: NOW - Math.floor(index / 10) * 9 * HOUR_MS }),
  );
  await log.deliveries(...identities.map((identity) => aDelivery(identity)));
  const walked: string[] = [];
  let after: DeliveryPosition | null = null;
  for (let page = 0; page < 20; page++) {
    const found: readonly DeliveryPosition[] = await log.reader.list(EVERYTHING, { after, limit: 7 });
    walked.push(...found.map(({ delivery_id }) => delivery_id));
    after = found.at(-1) ?? null;
    if (after === null) break;
    // Newer ones, and states that change, shift nothing.
    await log.deliveries(aDelivery(anIdentity({ accepted_at: NOW + 1 + page })));
    await log.attempts(...identities.slice(page, page + 5).map((identity) => aFailedAttempt(identity, 1)));
  }
  const expected = [...identities].sort(
    (a, b) => b.accepted_at - a.accepted_at || (a.delivery_id < b.delivery_id ? 1 : -1),
  );
  expect(walked).toEqual(expected.map(({ delivery_id }) => delivery_id));
});

test("a page deep in the list costs what the first one does", async () => {
  for (let batch = 0; batch < 4; batch++) {
    const accepted = Array.from({ length: 2_500 }, (_, index) => NOW - HOUR_MS - (batch * 2_500 + index));
    await log.deliveries(...accepted.map((accepted_at) => aDelivery(anIdentity({ accepted_at }))));
  }
  await database.rows("ANALYZE deliveries");
  const pagesRead = async (after: DeliveryPosition | null, filter: Partial<DeliveryFilter> = {}) => {
    const { sql, values } = deliveryPage({ ...EVERYTHING, ...filter }, { after, limit: 51, now: NOW, shownSince: 0 });
    const [row] = await database
      .rows(`EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM deliveries ${sql}`, values)
      .then((plan) => plan.flatMap((line) => String(line["QUERY PLAN"]).match(/shared hit=(\d+)/)?.[1] ?? []));
    return Number(row);
  };
  const deep = { accepted_at: NOW - HOUR_MS - 9_000, delivery_id: "dlv_8" };
  for (const filter of [{}, { status: "pending" as const }, { webhook_id: "wh_1" }, { until: NOW }]) {
    expect(await pagesRead(null, filter)).toBeLessThan(40);
    expect(await pagesRead(deep, filter)).toBeLessThan(40);
  }
});

test("a page of 24 hours looks into no more than two days", async () => {
  const days = [-5, -4, -3, -2, -1, 0, 1, 2, 3];
  await log.log.makeDays(days.map((day) => Math.floor(NOW / DAY_MS) + day));
  const partitions = async (filter: Partial<DeliveryFilter>, after: DeliveryPosition | null = null) => {
    const { sql, values } = deliveryPage({ ...EVERYTHING, ...filter }, { after, limit: 51, now: NOW, shownSince: 0 });
    const plan = await database.rows(`EXPLAIN SELECT * FROM deliveries ${sql}`, values);
    const named = plan.flatMap((row) => String(row["QUERY PLAN"]).match(/deliveries_\d{8}/g) ?? []);
    return [...new Set(named)].sort();
  };
  const twoDays = ["deliveries_20260416", "deliveries_20260417"];
  const lastDay = { since: NOW - DAY_MS };
  expect(await partitions(lastDay)).toEqual(twoDays);
  for (const filter of [{ status: "exhausted" as const }, { tag: "x" }, { recipient: "a@b" }, { webhook_id: "wh_1" }]) {
    expect(await partitions({ ...lastDay, ...filter })).toEqual(twoDays);
  }
  expect(await partitions(lastDay, { accepted_at: NOW - DAY_MS + 1, delivery_id: "dlv_1" })).toEqual([twoDays[0]]);
  expect(await partitions({ since: NOW - 2 * DAY_MS, until: NOW - DAY_MS })).toEqual([
    "deliveries_20260415",
    "deliveries_20260416",
  ]);
});

test("deliveries older than retention are not shown, though their days are kept for what may still come of them", async () => {
  const [kept, over] = [30, 31].map((days) => anIdentity({ accepted_at: NOW - days * DAY_MS }));
  await log.deliveries(...[kept, over].map((identity) => aDelivery(identity ?? anIdentity())));
  expect(await ids({})).toEqual([kept?.delivery_id]);
  expect(await ids({ since: NOW - 60 * DAY_MS })).toEqual([kept?.delivery_id]);
  expect(await log.reader.one(kept?.delivery_id ?? "", null)).not.toBeNull();
  expect(await log.reader.one(over?.delivery_id ?? "", null)).toBeNull();
});

test("a list that takes the server too long is refused as too much, not as an outage", async () => {
  const quick = new Database({ url: database.url, logger: { info: () => {}, warn: () => {} }, workLimitMs: 500 });
  const reader = new PostgresDeliveryReader(quick, { now: () => NOW, retentionDays: 30 });
  await database.rows("BEGIN");
  await database.rows("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE");
  await expect(reader.list(EVERYTHING, { after: null, limit: 1 })).rejects.toMatchObject({ code: "query_too_slow" });
  await database.rows("COMMIT");
  await quick.close();
});
