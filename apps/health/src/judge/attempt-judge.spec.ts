import { type DisabledReason, type JudgedWebhook, WaggleError, type Warned } from "@waggle/domain";
import type { AuditEntry } from "../manage/audit/audit-entry";
import type { HistoryEntry } from "../manage/webhooks/history-entry";
import type { AttemptEntry } from "../observe/log-entry";
import type { AlertMail } from "./alerts/alert-mail";
import { AttemptJudge } from "./attempt-judge";
import { FailureJudge } from "./failure-judge";
import { Isolation } from "./isolation";
import { JudgedWebhooks, type Trial, type WebhookOfTenant, type WebhookOnTrial } from "./ports";
import { Sweep } from "./sweep";

type Kept = JudgedWebhook & Partial<WebhookOnTrial>;

const HOUR = 3_600_000;

interface Options {
  /** What asking for a webhook fails with, if it does. */
  readonly fails?: (name: string) => Error | null;
  /** Up to when all attempts are known; by default for ever. */
  readonly everywhere?: number | null;
  /** What looking for incidents does. */
  readonly watch?: (since: number) => void;
}

/** A judge over webhooks by `tenant/webhook`, and everything that came of it. */
function setUp(webhooks: Record<string, Kept>, options: Options = {}) {
  const watched: number[] = [];
  let givenUp = 0;
  const asked: string[] = [];
  const counted: DisabledReason[] = [];
  const logged: object[] = [];
  const recorded: HistoryEntry[] = [];
  const audited: AuditEntry[] = [];
  const mails: AlertMail[] = [];
  const onTrial = (name: string, kept: Kept): WebhookOnTrial => {
    const [tenant_id = "", webhook_id = ""] = name.split("/");
    return {
      webhook_id,
      tenant_id,
      url: "https://api.acme.com/",
      dialect: "hiveku",
      disable_after_s: null,
      alert_email: "ops@acme.com",
      streak: null,
      failures: 0,
      last_success_at: null,
      warned: null,
      frozen: false,
      ...kept,
    };
  };
  class Webhooks extends JudgedWebhooks {
    async onTrial<Result>(of: WebhookOfTenant, work: (trial: Trial) => Promise<Result>) {
      const name = `${of.tenant_id}/${of.webhook_id}`;
      asked.push(name);
      const error = options.fails?.(name) ?? null;
      if (error) throw error;
      const kept = webhooks[name];
      if (!kept) return null;
      return work({
        webhook: onTrial(name, kept),
        lastFailures: async () => [{ at: 1_000, status_code: 503, error: "http_status" }],
        disable: async () => {
          webhooks[name] = { ...kept, status: "disabled", version: kept.version + 100 };
        },
        remember: async (warned: Warned | null) => {
          webhooks[name] = { ...kept, warned };
        },
        record: async (entry) => void recorded.push(entry),
        recordAudit: async (entry) => void audited.push(entry),
        mail: async (mail) => void mails.push(mail),
      });
    }
    async failingAmong(ids: readonly string[]) {
      return (await this.all()).filter(({ webhook_id }) => ids.includes(webhook_id));
    }
    async *failing() {
      yield await this.all();
    }
    private async all() {
      return Object.entries(webhooks).map(([name, kept]) => onTrial(name, kept));
    }
  }
  const common = {
    webhooks: new Webhooks(),
    now: () => 0,
    logger: { info: (fields: object, event: string) => logged.push({ ...fields, event }) },
    onDisabled: (reason: DisabledReason) => counted.push(reason),
    incidents: {
      watch: async (since = 0) => {
        watched.push(since);
        options.watch?.(since);
      },
    },
    known: { everywhere: () => (options.everywhere === undefined ? Number.POSITIVE_INFINITY : options.everywhere) },
    isolation: new Isolation({ logger: { error: () => {} }, onGivenUp: () => (givenUp += 1) }),
  };
  const failures = new FailureJudge({ ...common, timeScale: 1 });
  const judge = new AttemptJudge({ ...common, failures });
  const sweep = (known: number | null) =>
    new Sweep({
      webhooks: common.webhooks,
      failures,
      known: { ...common.known, refresh: async () => {}, until: () => known },
      incidents: common.incidents,
    }).run();
  return { judge, sweep, asked, counted, logged, recorded, audited, mails, watched, givenUp: () => givenUp };
}

interface Said {
  readonly webhook_id?: string;
  readonly version?: number;
  readonly test?: boolean;
  readonly reason?: AttemptEntry["state"]["reason"];
}

/** A 410, unless something else is said. */
function anEntry({ webhook_id = "wh_1", version = 1, test = false, reason = "gone" }: Said = {}): AttemptEntry {
  const identity: AttemptEntry["identity"] = {
    delivery_id: `dlv_of_${webhook_id}`,
    event_id: "evt_1",
    webhook_id,
    tenant_id: "ten_1",
    event_type: "bounce",
    email_id: "msg_1",
    recipient: "customer@example.com",
    tags: [],
    dialect: "hiveku",
    accepted_at: 1,
    publisher_id: false,
    test,
  };
  const state = { round: 1, status: "exhausted", reason, next_attempt_at: null, number: 1, at: 2 } as const;
  return { identity, state, try_id: "try_1", webhook_version: version, circuit: null, try: null };
}

test("a webhook that answered 410 is disabled, counted, recorded, told and logged once", async () => {
  const { judge, asked, counted, logged, recorded, audited, mails } = setUp({
    "ten_1/wh_1": { status: "enabled", version: 1 },
  });
  await judge.judge([anEntry(), anEntry(), anEntry()]);
  await judge.judge([anEntry()]);
  expect(asked).toEqual(["ten_1/wh_1", "ten_1/wh_1"]);
  expect(counted).toEqual(["gone"]);
  expect(logged).toEqual([
    { webhook_id: "wh_1", tenant_id: "ten_1", delivery_id: "dlv_of_wh_1", reason: "gone", event: "webhook.disabled" },
  ]);
  expect(recorded).toMatchObject([
    {
      webhook_id: "wh_1",
      action: "disabled",
      actor: "waggle",
      details: { reason: "gone", delivery_id: "dlv_of_wh_1" },
    },
  ]);
  expect(audited).toMatchObject([
    {
      tenant_id: "ten_1",
      actor: "waggle",
      action: "webhook.disabled",
      resource_id: "wh_1",
      before: { status: "enabled", disabled_reason: null },
      after: { status: "disabled", disabled_reason: "gone" },
    },
  ]);
  expect(mails.map(({ subject }) => subject)).toEqual([expect.stringContaining("wh_1 was disabled")]);
});

test("a 410 to the version that stands counts, whatever other versions answered before", async () => {
  const { judge, counted } = setUp({ "ten_1/wh_1": { status: "enabled", version: 2 } });
  await judge.judge([anEntry({ version: 1 }), anEntry({ version: 2 })]);
  expect(counted).toEqual(["gone"]);
});

test("nobody asks about attempts that say nothing, nor finds a webhook that is not there", async () => {
  const { judge, asked, counted } = setUp({});
  await judge.judge([anEntry({ test: true }), anEntry({ reason: "attempts_used" }), anEntry({ webhook_id: "wh_2" })]);
  expect(asked).toEqual(["ten_1/wh_2"]);
  expect(counted).toEqual([]);
});

test("what fails is judged again, and nothing is counted twice", async () => {
  let failures = 0;
  const { judge, counted } = setUp(
    { "ten_1/wh_1": { status: "enabled", version: 1 }, "ten_1/wh_2": { status: "enabled", version: 1 } },
    { fails: () => (failures++ === 1 ? new WaggleError("database_unavailable", "away") : null) },
  );
  const entries = [anEntry(), anEntry({ webhook_id: "wh_2" })];
  await expect(judge.judge(entries)).rejects.toMatchObject({ code: "database_unavailable" });
  await judge.judge(entries);
  expect(counted).toEqual(["gone", "gone"]);
});

test("a webhook that cannot be judged is given up, and holds up none behind it", async () => {
  const enabled = { status: "enabled", version: 1 } as const;
  const { judge, asked, counted, givenUp } = setUp(
    { "ten_1/wh_1": enabled, "ten_1/wh_2": enabled },
    { fails: (name) => (name.endsWith("wh_1") ? new Error("a defect") : null) },
  );
  await judge.judge([anEntry(), anEntry({ webhook_id: "wh_2" })]);
  expect([counted, givenUp()]).toEqual([["gone"], 1]);
  expect(asked.filter((name) => name.endsWith("wh_1"))).toHaveLength(3);
});

test("what may pass, as a deadlock does, is tried again at once", async () => {
  let failures = 0;
  const { judge, counted, givenUp } = setUp(
    { "ten_1/wh_1": { status: "enabled", version: 1 } },
    { fails: () => (failures++ < 2 ? new Error("deadlock") : null) },
  );
  await judge.judge([anEntry()]);
  expect([counted, givenUp()]).toEqual([["gone"], 0]);
});

describe("a webhook that has failed for a day", () => {
  const streak = { failing_since: 0, last_failure_at: 18.2 * HOUR };
  const failing = { status: "enabled", version: 1, streak, failures: 11 } as const;

  test("is warned about twice and then disabled, each once, however often and by whomever it is judged", async () => {
    const { sweep, counted, recorded, mails } = setUp({ "ten_1/wh_1": failing });
    for (const hours of [0.9, 1, 1, 11, 12, 23.9, 24, 24, 30]) await sweep(hours * HOUR);
    expect(counted).toEqual(["failing"]);
    expect(recorded.map(({ action }) => action)).toEqual(["warned", "warned", "disabled"]);
    expect(recorded[2]?.details).toMatchObject({
      reason: "failing",
      failing_since: "1970-01-01T00:00:00.000Z",
      last_failure_at: "1970-01-01T18:12:00.000Z",
      failures: 11,
    });
    expect(mails.map(({ subject }) => subject)).toEqual([
      "[waggle] Webhook wh_1 has been failing for 1 hour",
      "[waggle] Webhook wh_1 has been failing for 12 hours",
      "[waggle] Webhook wh_1 was disabled after failing for 24 hours",
    ]);
  });

  test("is not judged by a clock, nor where its attempts are not known", async () => {
    const { sweep, counted, asked } = setUp({ "ten_1/wh_1": failing });
    await sweep(null);
    await sweep(0);
    expect([asked, counted]).toEqual([[], []]);
  });

  test("is disabled by the attempt that completes its window", async () => {
    const { judge, counted } = setUp({ "ten_1/wh_1": failing });
    const { identity, state, ...rest } = anEntry({ reason: null });
    const made = { number: 1, at: 0, duration_ms: 1, status_code: 500, error: "http_status" } as const;
    const headers = { request_headers: "{}", response_headers: "{}", response_body: null, response_truncated: false };
    const entry = { ...rest, identity, try: { ...made, ...headers } };
    await judge.judge([{ ...entry, state: { ...state, at: 24 * HOUR - 1 } }]);
    expect(counted).toEqual([]);
    await judge.judge([{ ...entry, identity: { ...identity, test: true }, state: { ...state, at: 24 * HOUR } }]);
    expect(counted).toEqual([]);
    await judge.judge([{ ...entry, state: { ...state, at: 24 * HOUR } }]);
    expect(counted).toEqual(["failing"]);
  });

  test("is not disabled before it is known and looked at who else began to fail then", async () => {
    const window = 300_000;
    const early = setUp({ "ten_1/wh_1": failing }, { everywhere: window - 1 });
    const blind = setUp({ "ten_1/wh_1": failing }, { everywhere: null });
    for (const { sweep, counted, recorded } of [early, blind]) {
      await sweep(24 * HOUR);
      expect([counted, recorded]).toEqual([[], []]);
    }
    const webhooks: Record<string, Kept> = { "ten_1/wh_1": failing };
    const known = setUp(webhooks, {
      everywhere: window,
      watch: (since) => {
        if (since < 0) webhooks["ten_1/wh_1"] = { ...failing, frozen: true };
      },
    });
    await known.sweep(24 * HOUR);
    // The sweep looks by itself, and the judge from before the first failure on.
    expect(known.watched).toEqual([0, -window]);
    expect(known.counted).toEqual([]);
    const alone = setUp({ "ten_1/wh_1": failing }, { everywhere: window });
    await alone.sweep(24 * HOUR);
    expect(alone.counted).toEqual(["failing"]);
  });

  test("is told to have recovered once it got a 2xx", async () => {
    const warned = { failing_since: 0, after_s: 3_600 };
    const { sweep, mails, recorded } = setUp({
      "ten_1/wh_1": { ...failing, streak: null, warned, last_success_at: 2 * HOUR },
    });
    await sweep(2 * HOUR);
    await sweep(3 * HOUR);
    expect(mails.map(({ subject }) => subject)).toEqual(["[waggle] Webhook wh_1 has recovered"]);
    expect(recorded).toMatchObject([{ action: "recovered" }]);
  });

  test("is recorded also when its tenant wants no mails", async () => {
    const { sweep, mails, recorded } = setUp({ "ten_1/wh_1": { ...failing, alert_email: null } });
    await sweep(24 * HOUR);
    expect([mails.length, recorded.length]).toEqual([0, 1]);
  });
});
