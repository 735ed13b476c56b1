import { Database } from "@waggle/postgres";
import { createSecretBox } from "@waggle/secrets";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { Client } from "pg";
import { Idempotency } from "../../../apps/health/src/manage/idempotency/idempotency";
import { PostgresKeptAnswers } from "../../../apps/health/src/out/manage/kept-answers.postgres";
import { openLog } from "../observe/open-log";
import { aDelivery, anAttempt, anIdentity } from "../observe/records";
import { ADMIN_TOKEN, type Answer, RunningHealth, SECRETS_KEYS, wrongFields } from "./running-health";
import { sql } from "./sql";

let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };
let keys = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
});
beforeEach(async () => {
  tenant = await health.tenant();
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

const webhook = { url: "https://api.acme.com/webhooks", events: ["*"] };
const newKey = () => `request ${++keys} "of" {these} tests~`;

interface Sent {
  readonly key: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly to?: RunningHealth;
}

function post(path: string, { key, body, token = tenant.key, to = health }: Sent): Promise<Answer> {
  return to.ask("POST", path, { token, body, headers: { "idempotency-key": key } });
}

async function webhooks(token = tenant.key): Promise<unknown[]> {
  const { items } = await health.expect(200, "GET", "/v1/webhooks", { token });
  return Array.isArray(items) ? items : [];
}

const isReplayed = ({ headers }: Answer) => headers.get("idempotency-replayed") === "true";

/** A delivery that can be sent again. */
async function endedDelivery(): Promise<{ deliveryId: string; webhookId: string }> {
  const created = await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body: webhook });
  const webhookId = String(created.id);
  const identity = anIdentity({ webhook_id: webhookId, tenant_id: tenant.id });
  const connection = new Database({ url: database.url, logger: { info: () => {}, warn: () => {} } });
  try {
    const log = openLog(connection);
    await log.deliveries(aDelivery(identity));
    const failed = { try: { status_code: 500, error: "http_status" } } as const;
    await log.attempts(anAttempt(identity, { ...failed, state: { status: "exhausted", reason: "attempts_used" } }));
  } finally {
    await connection.close();
  }
  return { deliveryId: identity.delivery_id, webhookId };
}

describe("a request that is sent again with its key", () => {
  it("creates a webhook once, and is answered in the same words", async () => {
    const key = newKey();
    const first = await post("/v1/webhooks", { key, body: webhook });
    expect(first.status).toBe(201);
    expect(isReplayed(first)).toBe(false);
    // The same members in another order are the same request.
    const again = await post("/v1/webhooks", { key, body: { events: webhook.events, url: webhook.url } });
    expect({ status: again.status, text: again.text }).toEqual({ status: 201, text: first.text });
    expect(again.headers.get("etag")).toBe(first.headers.get("etag"));
    expect(isReplayed(again)).toBe(true);
    expect(await webhooks()).toHaveLength(1);
  });

  it("creates an API key once: the key that was never received is shown", async () => {
    const sent = { key: newKey(), body: { name: "ci", scopes: ["manage"] } };
    const [first, again] = [await post("/v1/api-keys", sent), await post("/v1/api-keys", sent)];
    expect(again.text).toBe(first.text);
    expect(await health.ask("GET", "/v1/webhooks", { token: String(again.body.key) })).toMatchObject({ status: 200 });
  });

  it("creates a tenant once", async () => {
    const sent = { key: newKey(), body: { name: "Once" }, token: ADMIN_TOKEN };
    const [first, again] = [await post("/v1/tenants", sent), await post("/v1/tenants", sent)];
    expect(first.status).toBe(201);
    expect(again.text).toBe(first.text);
  });

  it("begins one round of a delivery, and one recovery", async () => {
    const { deliveryId, webhookId } = await endedDelivery();
    const requeue = { key: newKey() };
    const [first, again] = [
      await post(`/v1/deliveries/${deliveryId}/requeue`, requeue),
      await post(`/v1/deliveries/${deliveryId}/requeue`, requeue),
    ];
    expect(first).toMatchObject({ status: 202, body: { round: 2 } });
    expect({ status: again.status, text: again.text }).toEqual({ status: 202, text: first.text });
    // Some clients send an empty body along where others send none.
    for (const body of [{}, "null"]) {
      const withBody = await post(`/v1/deliveries/${deliveryId}/requeue`, { ...requeue, body });
      expect({ status: withBody.status, text: withBody.text }).toEqual({ status: 202, text: first.text });
    }

    const recover = { key: newKey(), body: { since: "2020-01-01T00:00:00Z" } };
    const [begun, repeated] = [
      await post(`/v1/webhooks/${webhookId}/recover`, recover),
      await post(`/v1/webhooks/${webhookId}/recover`, recover),
    ];
    expect(begun).toMatchObject({ status: 202, body: { id: expect.stringMatching(/^rcv_/) } });
    expect({ status: repeated.status, text: repeated.text }).toEqual({ status: 202, text: begun.text });
    expect(isReplayed(repeated)).toBe(true);
  });

  it("rotates a secret once", async () => {
    const { body: made } = await post("/v1/webhooks", { key: newKey(), body: webhook });
    const path = `/v1/webhooks/${made.id}/rotate-secret`;
    const rotate = { key: newKey(), body: { overlap_s: 3_600 } };
    const [first, again] = [await post(path, rotate), await post(path, rotate)];
    expect({ status: again.status, text: again.text }).toEqual({ status: 200, text: first.text });
    expect(isReplayed(again)).toBe(true);
    const { secret } = await health.expect(200, "GET", `/v1/webhooks/${made.id}/secret`, { token: tenant.key });
    expect(secret).toBe(first.body.secret);
  });

  it("is answered as it was although what it made has changed since, or is gone", async () => {
    const key = newKey();
    const first = await post("/v1/webhooks", { key, body: webhook });
    await health.expect(204, "DELETE", `/v1/webhooks/${first.body.id}`, { token: tenant.key });
    expect((await post("/v1/webhooks", { key, body: webhook })).text).toBe(first.text);
    expect(await webhooks()).toEqual([]);
  });

  it("is refused when it says something else, and does nothing", async () => {
    const { webhookId } = await endedDelivery();
    const key = newKey();
    await post("/v1/webhooks", { key, body: webhook });
    for (const [path, body] of [
      ["/v1/webhooks", { ...webhook, tags: ["a"] }],
      [`/v1/webhooks?tenant_id=${tenant.id}`, webhook],
      ["/v1/api-keys", webhook],
      [`/v1/webhooks/${webhookId}/recover`, { since: "2020-01-01T00:00:00Z" }],
    ] as const) {
      expect(await post(path, { key, body })).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    }
    expect(await webhooks()).toHaveLength(2);
  });

  it("is a new one after 24 h", async () => {
    const key = newKey();
    const first = await post("/v1/webhooks", { key, body: webhook });
    await age(key, "23 hours 59 minutes");
    expect((await post("/v1/webhooks", { key, body: webhook })).text).toBe(first.text);
    await age(key, "2 minutes");
    const later = await post("/v1/webhooks", { key, body: { ...webhook, tags: ["other"] } });
    expect(later.status).toBe(201);
    expect(later.body.id).not.toBe(first.body.id);
    expect((await post("/v1/webhooks", { key, body: { ...webhook, tags: ["other"] } })).text).toBe(later.text);
  });
});

describe("a key", () => {
  it("is one tenant's: others, and the operator, have the same for themselves", async () => {
    const other = await health.tenant();
    const key = newKey();
    const path = `/v1/webhooks?tenant_id=`;
    const made = [
      await post(path + tenant.id, { key, body: webhook }),
      await post(path + other.id, { key, body: webhook, token: other.key }),
      await post(path + other.id, { key, body: webhook, token: ADMIN_TOKEN }),
    ];
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(3);
  });

  it("shows nothing to an API key that could not have asked", async () => {
    const key = newKey();
    await post("/v1/webhooks", { key, body: webhook });
    const token = await health.key(tenant.id, ["publish"]);
    expect(await post("/v1/webhooks", { key, body: webhook, token })).toMatchObject({
      status: 403,
      body: { code: "insufficient_scope" },
    });
  });

  it("is free again when the request was refused", async () => {
    const key = newKey();
    expect(await post("/v1/webhooks", { key, body: { ...webhook, url: "nowhere" } })).toMatchObject({ status: 422 });
    expect(await post("/v1/webhooks?tenant_id=ten_0", { key, body: webhook })).toMatchObject({ status: 404 });
    expect(await post("/v1/webhooks", { key, body: webhook })).toMatchObject({ status: 201 });
  });

  it.each(["k", "x".repeat(255)])("may be %j", async (key) => {
    expect(await post("/v1/webhooks", { key, body: webhook })).toMatchObject({ status: 201 });
  });

  it.each(["", "x".repeat(256), "a\tb", "é"])("may not be %j", async (key) => {
    const answer = await post("/v1/webhooks", { key, body: webhook });
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
    expect(wrongFields(answer)).toEqual(["/idempotency-key"]);
    expect(await webhooks()).toEqual([]);
  });
});

describe("several at once", () => {
  it("create one webhook over two processes; who does not get its answer is told to ask again", async () => {
    const second = await RunningHealth.withoutKafka(database.url);
    try {
      const key = newKey();
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, i) => post("/v1/webhooks", { key, body: webhook, to: i % 2 ? second : health })),
      );
      const made = answers.filter(({ status }) => status === 201);
      expect(new Set(made.map(({ text }) => text)).size).toBe(1);
      expect(made.filter((answer) => !isReplayed(answer))).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 201)) {
        expect(answer).toMatchObject({ status: 409, body: { code: "idempotency_in_progress" } });
      }
      expect(await webhooks()).toHaveLength(1);
    } finally {
      await second.stop();
    }
  });

  it("do not wait for each other", async () => {
    const key = newKey();
    const slow = await holdTenant(tenant.id);
    const first = post("/v1/webhooks", { key, body: webhook });
    await slow.untilWaitedFor();
    const impatient = await post("/v1/webhooks", { key, body: webhook });
    expect(impatient).toMatchObject({ status: 409, body: { code: "idempotency_in_progress" } });
    expect(impatient.headers.get("retry-after")).toBe("1");
    await slow.release();
    const { status, text } = await first;
    expect(status).toBe(201);
    expect((await post("/v1/webhooks", { key, body: webhook })).text).toBe(text);
  });
});

describe("what is kept", () => {
  it("is there if and only if what it tells of happened", async () => {
    await sql(database.url, "ALTER TABLE kept_answers ADD CONSTRAINT full_disk CHECK (key <> 'lost')");
    try {
      expect((await post("/v1/webhooks", { key: "lost", body: webhook })).status).toBe(500);
      expect(await webhooks()).toEqual([]);
    } finally {
      await sql(database.url, "ALTER TABLE kept_answers DROP CONSTRAINT full_disk");
    }
    expect((await post("/v1/webhooks", { key: "lost", body: webhook })).status).toBe(201);
  });

  it("tells nothing to who reads the database", async () => {
    const key = newKey();
    const sent = { ...webhook, secret: "0123456789abcdef", headers: { "X-Api-Key": "s3cr3t" } };
    const { body } = await post("/v1/webhooks", { key, body: sent });
    const [row] = await sql(database.url, "SELECT * FROM kept_answers WHERE key = $1", [key]);
    expect(Object.keys(row ?? {}).sort()).toEqual(["kept_at", "key", "sealed", "tenant_id"]);
    expect(row).toMatchObject({ tenant_id: tenant.id, sealed: expect.stringMatching(/^v1\.k1\./) });
    expect(JSON.stringify(row)).not.toContain(String(body.id));
  });

  it("cannot be moved to another key", async () => {
    const [mine, moved] = [newKey(), newKey()];
    await post("/v1/webhooks", { key: mine, body: webhook });
    await sql(database.url, "UPDATE kept_answers SET key = $2 WHERE key = $1", [mine, moved]);
    expect((await post("/v1/webhooks", { key: moved, body: webhook })).status).toBe(500);
  });

  it("is forgotten after a day, however much there is", async () => {
    const many = `INSERT INTO kept_answers (tenant_id, key, sealed, kept_at)
      SELECT 'ten_many', 'k' || i, '', now() - interval '25 hours' FROM generate_series(1, 12001) AS i`;
    await sql(database.url, many);
    const [old, young] = [newKey(), newKey()];
    for (const key of [old, young]) await post("/v1/webhooks", { key, body: webhook });
    await age(old, "24 hours 1 minute");
    const connection = new Database({ url: database.url, logger: { info: () => {}, warn: () => {} } });
    const answers = new PostgresKeptAnswers(connection);
    await new Idempotency({ answers, box: createSecretBox(SECRETS_KEYS), now: Date.now }).forget();
    await connection.close();
    const rows = await sql(database.url, "SELECT key FROM kept_answers WHERE key IN ($1, $2)", [old, young]);
    expect(rows).toEqual([{ key: young }]);
    expect(await sql(database.url, "SELECT FROM kept_answers WHERE tenant_id = 'ten_many'")).toEqual([]);
  });
});

async function age(key: string, by: string): Promise<void> {
  await sql(database.url, "UPDATE kept_answers SET kept_at = kept_at - $2::interval WHERE key = $1", [key, by]);
}

/** Whoever needs the tenant waits until it is released. */
async function holdTenant(id: string) {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query("BEGIN");
  await client.query("SELECT FROM tenants WHERE id = $1 FOR UPDATE", [id]);
  const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  return {
    async untilWaitedFor() {
      while ((await client.query(waiting)).rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    async release() {
      await client.query("COMMIT");
      await client.end();
    },
  };
}
