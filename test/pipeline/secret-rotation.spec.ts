import { execFile } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { eventually, type ReceivedRequest, Receiver, RunningStack, TenantClient } from "@waggle/testing";
import { Client } from "pg";
import { Webhook as StandardWebhook } from "standardwebhooks";

jest.setTimeout(240_000);

const REPOSITORY = join(__dirname, "../..");
const key = (kid: string) => `${kid}:${randomBytes(32).toString("base64")}`;
const [FIRST, SECOND] = [key("first"), key("second")];

let stack: RunningStack;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await Receiver.start();
  stack = await RunningStack.start({ SECRETS_KEYS: `${FIRST},${SECOND}` });
});
afterAll(async () => {
  await receiver?.close();
  expect(await stack?.stop()).toBe(0);
});

const anEvent = (id: string) => ({ id, type: "delivery", data: { email_id: `msg_${id}`, to: "a@b.c" } });

/** The request that an event leads to, known by its email: not every dialect shows the event's id. */
async function requestOf(tenant: TenantClient, path: string, event: string): Promise<ReceivedRequest> {
  expect((await tenant.publish(anEvent(event))).status).toBe(202);
  const sought = () => receiver.at(path).find(({ body }) => body.includes(`"msg_${event}"`));
  return eventually(`${event} at ${path}`, sought, 20_000);
}

async function rotate(tenant: TenantClient, id: unknown, body: object) {
  const { status, body: rotated } = await tenant.manage("POST", `/v1/webhooks/${id}/rotate-secret`, body);
  expect({ status, rotated }).toMatchObject({ status: 200 });
  await stack.settled();
  return { secret: String(rotated.secret), endsAt: Date.parse(String(rotated.previous_expires_at)) };
}

const isOver = (endsAt: number) => eventually("the end of the overlap", () => Date.now() > endsAt, 30_000);

function verifies({ headers, body }: ReceivedRequest, secret: unknown): boolean {
  const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  try {
    new StandardWebhook(String(secret)).verify(body.toString("utf8"), flat);
    return true;
  } catch {
    return false;
  }
}

const brandSignature = (secret: unknown, { body }: ReceivedRequest) =>
  createHmac("sha256", String(secret)).update(body).digest("hex");
const signatures = ({ headers }: ReceivedRequest) => String(headers["webhook-signature"]).split(" ");

async function secretsInRows(id: unknown): Promise<number> {
  const client = new Client({ connectionString: stack.ready.database_url });
  await client.connect();
  try {
    return (await client.query("SELECT FROM secrets WHERE webhook_id = $1", [id])).rows.length;
  } finally {
    await client.end();
  }
}

test("a receiver verifies with either secret during the overlap, and with the new one alone after it", async () => {
  const tenant = await TenantClient.create(stack, { name: "rotating" });
  const { id, secret: old } = await tenant.createWebhook({ url: receiver.url("/own"), events: ["*"] });
  const before = await requestOf(tenant, "/own", "evt_before");
  expect(signatures(before)).toHaveLength(1);
  expect(verifies(before, old)).toBe(true);

  const { secret, endsAt } = await rotate(tenant, id, { overlap_s: 8 });
  const during = await requestOf(tenant, "/own", "evt_during");
  expect(during.at).toBeLessThan(endsAt);
  expect(signatures(during)).toHaveLength(2);
  expect([verifies(during, secret), verifies(during, old)]).toEqual([true, true]);
  expect(during.headers["x-hiveku-signature"]).toBe(brandSignature(secret, during));
  expect(during.headers["x-hiveku-signature-previous"]).toBe(brandSignature(old, during));

  await isOver(endsAt);
  const after = await requestOf(tenant, "/own", "evt_after");
  expect(signatures(after)).toHaveLength(1);
  expect([verifies(after, secret), verifies(after, old)]).toEqual([true, false]);
  expect(after.headers["x-hiveku-signature"]).toBe(brandSignature(secret, after));
  expect(after.headers["x-hiveku-signature-previous"]).toBeUndefined();
  await eventually("the old secret to be gone", async () => (await secretsInRows(id)) === 1, 60_000);
  await stack.settled();
  expect(verifies(await requestOf(tenant, "/own", "evt_later"), secret)).toBe(true);
});

test("without an overlap the secret before verifies no more at once", async () => {
  const tenant = await TenantClient.create(stack, { name: "leaked" });
  const { id, secret: leaked } = await tenant.createWebhook({ url: receiver.url("/leaked"), events: ["*"] });
  const { secret } = await rotate(tenant, id, { overlap_s: 0, secret: "a secret of our own" });
  const request = await requestOf(tenant, "/leaked", "evt_leaked");
  expect(secret).toBe("a secret of our own");
  expect(verifies(request, leaked)).toBe(false);
  expect(request.headers["x-hiveku-signature"]).toBe(brandSignature(secret, request));
});

test("a shared secret is rotated at every receiver that shares it", async () => {
  const tenant = await TenantClient.create(stack, { name: "sharing", dialect: "buzzmark" });
  const one = await tenant.createWebhook({ url: receiver.url("/one"), events: ["*"] });
  await tenant.createWebhook({ url: receiver.url("/other"), events: ["*"], dialect: "standard" });
  const { secret } = await rotate(tenant, one.id, {});
  for (const path of ["/one", "/other"]) {
    const request = await requestOf(tenant, path, `evt_shared_${path.slice(1)}`);
    expect([verifies(request, secret), verifies(request, one.secret)]).toEqual([true, true]);
  }
  const [request] = receiver.at("/one");
  if (!request) throw new Error("nothing came to /one");
  expect(request.headers["x-buzzmark-signature"]).toBe(brandSignature(secret, request));
  expect(request.headers["x-buzzmark-signature-previous"]).toBe(brandSignature(one.secret, request));
});

test("everything moves to another key while events are delivered, and back", async () => {
  const tenant = await TenantClient.create(stack, { name: "resealing" });
  const headers = { "X-Token": "a-custom-value" };
  const { secret } = await tenant.createWebhook({ url: receiver.url("/reseal"), events: ["*"], headers });
  expect(await reseal(FIRST, "--dry-run")).toMatchObject({ code: 0 });
  expect(await reseal(`${SECOND},${FIRST}`, "--dry-run")).toMatchObject({ code: 2 });

  let publishing = true;
  const published: string[] = [];
  const publisher = (async () => {
    while (publishing) {
      const id = `evt_reseal_${published.length}`;
      published.push(id);
      await requestOf(tenant, "/reseal", id);
    }
  })();
  expect(await reseal(`${SECOND},${FIRST}`)).toMatchObject({
    code: 0,
    out: expect.stringContaining("No other key than second is in use."),
  });
  expect(await reseal(SECOND, "--dry-run")).toMatchObject({ code: 0 });
  await stack.settled();
  await requestOf(tenant, "/reseal", "evt_moved");
  expect(await reseal(`${FIRST},${SECOND}`)).toMatchObject({ code: 0 });
  publishing = false;
  await publisher;

  const received = receiver.at("/reseal");
  expect(received).toHaveLength(published.length + 1);
  for (const request of received) {
    expect(verifies(request, secret)).toBe(true);
    expect(request.headers["x-token"]).toBe("a-custom-value");
  }
});

/** `npm run secrets:reseal` as an operator runs it. */
function reseal(keys: string, ...flags: string[]): Promise<{ code: number; out: string }> {
  const env = { ...process.env, DATABASE_URL: stack.ready.database_url, SECRETS_KEYS: keys };
  const command = ["run", "--silent", "secrets:reseal", "--", ...flags];
  return new Promise((resolve) => {
    execFile("npm", command, { cwd: REPOSITORY, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr });
    });
  });
}
