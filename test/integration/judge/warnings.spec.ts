import { createServer, type Socket } from "node:net";
import { Database } from "@waggle/postgres";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { AlertSender } from "../../../apps/health/src/judge/alerts/alert-sender";
import { FailureJudge } from "../../../apps/health/src/judge/failure-judge";
import { PostgresAlertQueue } from "../../../apps/health/src/out/judge/alert-queue.postgres";
import { PostgresJudgedWebhooks } from "../../../apps/health/src/out/judge/judged-webhooks.postgres";
import { SmtpMailServer } from "../../../apps/health/src/out/judge/mail-server.smtp";
import { RunningHealth } from "../manage/running-health";
import { type OpenLog, openLog } from "../observe/open-log";
import { anAttempt, anIdentity } from "../observe/records";
import { Mailbox } from "./mailbox";

jest.setTimeout(60_000);

const HOUR = 3_600_000;
const BEGAN = Date.now() - 30 * HOUR;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

let database: TestDatabase;
let health: RunningHealth;
let mailbox: Mailbox;
let opened: Database[];
let log: OpenLog;
let id: string;
let tenantId: string;

beforeEach(async () => {
  [database, mailbox] = await Promise.all([createTestDatabase(), Mailbox.open()]);
  health = await RunningHealth.withoutKafka(database.url);
  opened = [];
  const tenant = await health.tenant({ alert_email: "ops@acme.com" });
  tenantId = tenant.id;
  const body = { url: "https://api.acme.com/", events: ["*"] };
  id = String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
  log = openLog(open());
});
afterEach(async () => {
  await health?.stop();
  await Promise.all((opened ?? []).map((each) => each.close()));
  await mailbox?.close();
  await database?.drop();
});

/** The connections of one health process. */
function open(): Database {
  const one = new Database({ url: database.url, logger: silent });
  opened.push(one);
  return one;
}

/** A failed attempt, so many hours after the first. */
async function failure(hours: number): Promise<void> {
  const at = BEGAN + hours * HOUR;
  await log.attempts(
    anAttempt(anIdentity({ webhook_id: id, tenant_id: tenantId, accepted_at: at - 1_000 }), {
      recorded_at: at,
      try: { at: at - 25, status_code: 500, error: "http_status" },
      state: { status: "pending", next_attempt_at: at + HOUR },
    }),
  );
}

/** What a process does that knows all attempts up to so many hours after the first failure. */
async function judge(on: Database, hours: number): Promise<void> {
  const webhooks = new PostgresJudgedWebhooks(on, { now: () => BEGAN + hours * HOUR, mails: true });
  const failures = new FailureJudge({
    webhooks,
    incidents: { watch: async () => {} },
    known: { everywhere: () => BEGAN + hours * HOUR },
    isolation: { each: (_, work) => work() },
    timeScale: 1,
    now: () => BEGAN + hours * HOUR,
    logger: silent,
    onDisabled: () => {},
  });
  for await (const page of webhooks.failing()) await failures.judge(page, () => BEGAN + hours * HOUR);
}

function send(on: Database): Promise<void> {
  const server = new SmtpMailServer({ url: mailbox.url, from: "waggle@acme.com" });
  return new AlertSender({ queue: new PostgresAlertQueue(on), server, now: Date.now, logger: silent }).sendDue();
}

test("a day of failures is told in two warnings and a disable, each once by two processes at the same time", async () => {
  await failure(0);
  await failure(18.2);
  const processes = [open(), open()];
  for (const hours of [0.99, 1, 1.5, 11.99, 12, 13, 23.99, 24, 25]) {
    await Promise.all(processes.map((each) => judge(each, hours)));
    await Promise.all(processes.map(send));
  }
  expect(mailbox.about(id)).toEqual([
    `[waggle] Webhook ${id} has been failing for 1 hour`,
    `[waggle] Webhook ${id} has been failing for 12 hours`,
    `[waggle] Webhook ${id} was disabled after failing for 24 hours`,
  ]);
});

test("a warning is not given again by a process that was started since, and a mail that waited is sent by it", async () => {
  await failure(0);
  const before = open();
  await judge(before, 1);
  await before.close();
  const after = open();
  await judge(after, 2);
  await send(after);
  await send(after);
  expect(mailbox.about(id)).toEqual([`[waggle] Webhook ${id} has been failing for 1 hour`]);
});

test("the failures told of are those since the last success", async () => {
  await failure(-3);
  const at = BEGAN - HOUR;
  const identity = anIdentity({ webhook_id: id, tenant_id: tenantId, accepted_at: at - 1_000 });
  await log.attempts(anAttempt(identity, { recorded_at: at, try: { at: at - 25 } }));
  await failure(0);
  await failure(0.5);
  await judge(open(), 1);
  const { items } = await health.expect(200, "GET", `/v1/webhooks/${id}/history`);
  const told = [0.5, 0].map((hours) => ({ at: new Date(BEGAN + hours * HOUR - 25).toISOString(), status_code: 500 }));
  expect(items).toMatchObject([{ action: "created" }, { action: "warned", details: { last_failures: told } }]);
});

test("a server that trickles on for ever does not get a mail's whole hold", async () => {
  const sockets: Socket[] = [];
  const trickling = createServer((socket) => {
    sockets.push(socket);
    const drip = setInterval(() => socket.write("220-wait\r\n"), 20);
    socket.on("error", () => {}).on("close", () => clearInterval(drip));
  });
  await new Promise<void>((resolve) => trickling.listen(0, "127.0.0.1", resolve));
  const address = trickling.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const server = new SmtpMailServer({ url: `smtp://127.0.0.1:${port}`, from: "waggle@acme.com", limitMs: 300 });
  const mail = { id: 1, tries: 0, created_at: 0, recipient: "ops@acme.com", subject: "s", text: "t", html: "h" };
  await expect(server.send(mail)).rejects.toMatchObject({ code: "ETIMEDOUT" });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => trickling.close(resolve));
});
