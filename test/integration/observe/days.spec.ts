import { dayOf, LogDays } from "../../../apps/health/src/observe/log-days";
import { type LogDatabase, openLogDatabase } from "./log-database";
import { type OpenLog, openLog } from "./open-log";
import { aDelivery, anAttempt, anIdentity } from "./records";

const DAY_MS = 86_400_000;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

jest.setTimeout(60_000);

let database: LogDatabase;
let log: OpenLog;

beforeEach(async () => {
  database = await openLogDatabase();
  log = openLog(database.connect());
});
afterEach(() => database.close());

/** The tables that have a partition a day, in the order of their names. */
const TABLES = ["attempts", "deliveries", "delivery_bodies", "events", "inbound_messages"];

async function tables(): Promise<string[]> {
  const rows = await database.rows("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1");
  return rows.map(({ relname }) => String(relname));
}

function named(prefix: string, ms: number): string {
  return `${prefix}_${new Date(ms).toISOString().slice(0, 10).replaceAll("-", "")}`;
}

test("a start makes room for yesterday, today and three days ahead in every table", async () => {
  const now = Date.now();
  const days = new LogDays({ log: log.log, retentionDays: 30, now: () => now, logger: silent });
  await days.start();
  days.stop();
  const expected = TABLES.flatMap((table) => [-1, 0, 1, 2, 3].map((day) => named(table, now + day * DAY_MS)));
  expect(await tables()).toEqual(expected);
});

test("a day is analysed as it grows, and not vacuumed for rows that were only added", async () => {
  await log.log.makeDays([dayOf(Date.now())]);
  const rows = await database.rows(
    "SELECT DISTINCT unnest(reloptions) AS option FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1",
  );
  expect(rows.map(({ option }) => option)).toEqual([
    "autovacuum_analyze_scale_factor=0.5",
    "autovacuum_vacuum_insert_threshold=-1",
  ]);
});

test("two processes may make the same days at once, and again", async () => {
  const today = dayOf(Date.now());
  const other = openLog(database.connect());
  await Promise.all([log.log.makeDays([today, today + 1]), other.log.makeDays([today + 1, today])]);
  await log.log.makeDays([today]);
  expect(await tables()).toHaveLength(2 * TABLES.length);
});

test("retention drops whole days with all that belongs to them, and nothing else", async () => {
  const now = Date.now();
  const old = anIdentity({ accepted_at: now - 8 * DAY_MS });
  const kept = anIdentity({ accepted_at: now - 7 * DAY_MS });
  await log.deliveries(aDelivery(old), aDelivery(kept));
  await log.attempts(anAttempt(old), anAttempt(kept));
  expect(await log.log.dropDaysBefore(dayOf(now) - 7)).toEqual([dayOf(now) - 8]);
  expect(await log.reader.one(old.delivery_id, null)).toBeNull();
  expect(await log.one(kept.delivery_id)).toMatchObject({ attempt_count: 1 });
  expect(await tables()).toEqual(TABLES.map((table) => named(table, now - 7 * DAY_MS)));
});

test("a day that is being read is not dropped, and is the next time", async () => {
  const now = Date.now();
  const old = anIdentity({ accepted_at: now - 8 * DAY_MS });
  await log.deliveries(aDelivery(old));
  await database.rows("BEGIN");
  await database.rows("SELECT count(*) FROM deliveries");
  expect(await log.log.dropDaysBefore(dayOf(now) - 7)).toEqual([]);
  await database.rows("COMMIT");
  expect(await log.log.dropDaysBefore(dayOf(now) - 7)).toEqual([dayOf(now) - 8]);
});
