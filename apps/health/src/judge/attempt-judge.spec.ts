import type { DisabledReason, JudgedWebhook } from "@waggle/domain";
import type { AttemptEntry } from "../observe/log-entry";
import { AttemptJudge } from "./attempt-judge";
import { JudgedWebhooks, type WebhookOfTenant } from "./ports";

/** A judge over webhooks by `tenant/webhook`, and everything that came of it. */
function setUp(webhooks: Record<string, JudgedWebhook>, options: { fails?: () => boolean } = {}) {
  const asked: string[] = [];
  const counted: DisabledReason[] = [];
  const logged: object[] = [];
  class Webhooks extends JudgedWebhooks {
    async disable(of: WebhookOfTenant, judge: (webhook: JudgedWebhook) => DisabledReason | null) {
      const name = `${of.tenant_id}/${of.webhook_id}`;
      asked.push(name);
      if (options.fails?.()) throw new Error("away");
      const webhook = webhooks[name];
      const reason = webhook ? judge(webhook) : null;
      if (webhook && reason) webhooks[name] = { status: "disabled", version: webhook.version + 100 };
      return reason;
    }
  }
  const judge = new AttemptJudge({
    webhooks: new Webhooks(),
    logger: { info: (fields, event) => logged.push({ ...fields, event }) },
    onDisabled: (reason) => counted.push(reason),
  });
  return { judge, asked, counted, logged };
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

test("a webhook that answered 410 is disabled, counted and logged once", async () => {
  const { judge, asked, counted, logged } = setUp({ "ten_1/wh_1": { status: "enabled", version: 1 } });
  await judge.judge([anEntry(), anEntry(), anEntry()]);
  await judge.judge([anEntry()]);
  expect(asked).toEqual(["ten_1/wh_1", "ten_1/wh_1"]);
  expect(counted).toEqual(["gone"]);
  expect(logged).toEqual([
    { webhook_id: "wh_1", tenant_id: "ten_1", delivery_id: "dlv_of_wh_1", reason: "gone", event: "webhook.disabled" },
  ]);
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
    { fails: () => failures++ === 1 },
  );
  const entries = [anEntry(), anEntry({ webhook_id: "wh_2" })];
  await expect(judge.judge(entries)).rejects.toThrow("away");
  await judge.judge(entries);
  expect(counted).toEqual(["gone", "gone"]);
});
