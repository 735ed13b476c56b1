import type { AttemptRecord } from "@waggle/contracts";
import fc from "fast-check";
import { attemptEntry } from "../../../apps/health/src/observe/log-entry";
import { countedAttempts } from "../../../apps/health/src/observe/statistics/counted-attempt";
import { foldMinutes } from "../../../apps/health/src/observe/statistics/webhook-minutes";
import { foldStates } from "../../../apps/health/src/observe/statistics/webhook-state";
import { type LogDatabase, openLogDatabase } from "./log-database";
import { type OpenLog, openLog } from "./open-log";
import { anAttempt, anEnd, anIdentity } from "./records";

const START = Date.now() - 3_600_000;

jest.setTimeout(120_000);

let database: LogDatabase;
let log: OpenLog;

beforeAll(async () => {
  database = await openLogDatabase();
  log = openLog(database.connect());
});
afterAll(() => database.close());

let webhooks = 0;
const newWebhook = () => `wh_${++webhooks}`;

interface Told {
  readonly second: number;
  readonly ok: boolean;
  readonly tookMs?: number;
  readonly test?: boolean;
  readonly circuit?: "open" | "closed" | null;
  readonly version?: number;
}

/** One attempt of a webhook, decided so many seconds after the start. */
function attempt(webhook_id: string, { second, ok, tookMs = 25, test = false, circuit = null, version = 1 }: Told) {
  const recordedAt = START + second * 1_000;
  return anAttempt(anIdentity({ webhook_id, test, accepted_at: START - 86_400_000 }), {
    recorded_at: recordedAt,
    webhook_version: version,
    circuit,
    try: {
      at: recordedAt - tookMs,
      duration_ms: tookMs,
      ...(ok ? {} : { status_code: 500, error: "http_status" as const }),
    },
    state: ok ? {} : { status: "pending", next_attempt_at: recordedAt + 30_000 },
  });
}

async function stateOf(webhookId: string) {
  const [row] = await database.rows("SELECT * FROM webhook_states WHERE webhook_id = $1", [webhookId]);
  if (!row) return null;
  const { counts_from: _, ...state } = row;
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]),
  );
}

async function minutesOf(webhookId: string) {
  const rows = await database.rows("SELECT * FROM webhook_minutes WHERE webhook_id = $1 ORDER BY minute", [webhookId]);
  return rows.map(({ minute, ...row }) => ({ ...row, minute: minute instanceof Date ? minute.getTime() : minute }));
}

/** What all attempts at once would have made. */
function expected(records: readonly AttemptRecord[]) {
  const counted = countedAttempts(records.map(attemptEntry));
  const [state] = foldStates(counted);
  return { state: state ? { ...state, version: String(state.version) } : null, minutes: foldMinutes(counted) };
}

const histories = fc.record({
  attempts: fc.array(
    fc.record({
      second: fc.integer({ min: 0, max: 200 }),
      ok: fc.boolean(),
      tookMs: fc.integer({ min: 0, max: 40_000 }),
      test: fc.constantFrom(false, false, false, true),
      circuit: fc.constantFrom(null, "open" as const, "closed" as const),
      version: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 25 },
  ),
  batch: fc.integer({ min: 1, max: 6 }),
  order: fc.infiniteStream(fc.nat()),
});

test("any order, any batches and a replay from the beginning end in the same counts and state: those of the rows", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ attempts, batch, order }) => {
      const webhookId = newWebhook();
      const records = attempts.map((told) => attempt(webhookId, told));
      const shuffled = [...records, ...records]
        .map((record) => ({ record, place: order.next().value }))
        .sort((a, b) => a.place - b.place)
        .map(({ record }) => record);
      for (let at = 0; at < shuffled.length; at += batch) await log.attempts(...shuffled.slice(at, at + batch));
      const { state, minutes } = expected(records);
      expect(await stateOf(webhookId)).toEqual(state);
      expect(await minutesOf(webhookId)).toEqual(minutes);
      await log.attempts(...records);
      expect(await stateOf(webhookId)).toEqual(state);
      expect(await minutesOf(webhookId)).toEqual(minutes);
      const recount = await database.rows(
        `SELECT date_trunc('minute', at) AS minute, count(*) FILTER (WHERE error IS NULL)::int AS delivered,
           count(*) FILTER (WHERE error IS NOT NULL)::int AS failed
         FROM attempts WHERE webhook_id = $1 AND NOT test GROUP BY 1 ORDER BY 1`,
        [webhookId],
      );
      const counts = await database.rows(
        "SELECT minute, delivered, failed FROM webhook_minutes WHERE webhook_id = $1 ORDER BY 1",
        [webhookId],
      );
      expect(counts).toEqual(recount);
    }),
    { numRuns: 40 },
  );
});

test("a success that comes late leaves the failures after it, counted from their rows", async () => {
  const webhookId = newWebhook();
  const failures = [10, 20, 30, 40].map((second) => attempt(webhookId, { second, ok: false }));
  await log.attempts(...failures);
  expect(await stateOf(webhookId)).toMatchObject({ first_failure_at: START + 10_000, failures: 4 });
  await log.attempts(attempt(webhookId, { second: 25, ok: true }));
  expect(await stateOf(webhookId)).toMatchObject({
    last_success_at: START + 25_000,
    first_failure_at: START + 30_000,
    last_failure_at: START + 40_000,
    failures: 2,
  });
  await log.attempts(attempt(webhookId, { second: 60, ok: true }));
  expect(await stateOf(webhookId)).toMatchObject({ first_failure_at: null, failures: 0 });
});

test("failures up to the time from which a webhook counts are forgotten, whenever they come", async () => {
  const webhookId = newWebhook();
  await database.rows("INSERT INTO webhook_states (webhook_id, tenant_id, counts_from) VALUES ($1, 'ten_1', $2)", [
    webhookId,
    new Date(START + 20_000),
  ]);
  await log.attempts(...[10, 20].map((second) => attempt(webhookId, { second, ok: false })));
  expect(await stateOf(webhookId)).toMatchObject({ first_failure_at: null, failures: 0 });
  await log.attempts(...[15, 25, 35].map((second) => attempt(webhookId, { second, ok: false })));
  expect(await stateOf(webhookId)).toMatchObject({ first_failure_at: START + 25_000, failures: 2 });
});

test("tests and ends without an attempt count nowhere", async () => {
  const webhookId = newWebhook();
  await log.attempts(
    attempt(webhookId, { second: 1, ok: false, test: true }),
    anEnd(anIdentity({ webhook_id: webhookId })),
  );
  expect(await stateOf(webhookId)).toBeNull();
  expect(await minutesOf(webhookId)).toEqual([]);
});

test("processes that fold attempts of the same webhooks at once count every one", async () => {
  const webhookIds = Array.from({ length: 20 }, newWebhook);
  const other = openLog(database.connect());
  const batch = (second: number, ok: boolean) => webhookIds.map((id) => attempt(id, { second, ok }));
  await log.attempts(...batch(0, true));
  for (let round = 0; round < 10; round++) {
    await Promise.all([
      log.attempts(...batch(round + 1, true)),
      other.attempts(...batch(100 + round, false).reverse()),
    ]);
  }
  for (const id of webhookIds) {
    expect(await stateOf(id)).toMatchObject({ failures: 10, first_failure_at: START + 100_000 });
    const minutes = await database.rows("SELECT sum(delivered)::int AS ok FROM webhook_minutes WHERE webhook_id = $1", [
      id,
    ]);
    expect(minutes).toEqual([{ ok: 11 }]);
  }
});

test("minutes are dropped once no rate goes back to them", async () => {
  const webhookId = newWebhook();
  await log.attempts(attempt(webhookId, { second: 0, ok: true }), attempt(webhookId, { second: 120, ok: true }));
  await log.log.dropStatisticsBefore(START + 60_000);
  expect(await minutesOf(webhookId)).toMatchObject([{ delivered: 1 }]);
});
