import { generateApiKey } from "@waggle/secrets";
import { eventually, testBrokers } from "@waggle/testing";
import { Broker } from "./broker";
import { RunningIngest } from "./running-ingest";
import { anOpen, uniqueTenant } from "./valid-events";

jest.setTimeout(60_000);

const tenant = uniqueTenant();
let broker: Broker;
let ingest: RunningIngest;

beforeAll(async () => {
  broker = await Broker.at(testBrokers());
  ingest = await RunningIngest.start({ brokers: testBrokers() });
});

afterAll(async () => {
  await ingest?.stop();
  await broker?.close();
});

/** Publishes until the answer is the wanted one: a key takes effect within 5 s. */
async function untilStatus(status: number, key: string): Promise<void> {
  await eventually(`a ${status}`, async () => (await ingest.publish(anOpen(), { key })).status === status, 5_000);
}

describe("POST /v1/events", () => {
  it("takes a key made after ingest started, for its own tenant, and no longer once it is deleted", async () => {
    const key = await broker.addKey(tenant);
    await untilStatus(202, key);
    expect(await broker.stored(tenant)).not.toHaveLength(0);
    await broker.deleteKey(key);
    await untilStatus(401, key);
  });

  it("refuses a key that has expired", async () => {
    const valid = await broker.addKey(tenant, { expires_at: Date.now() + 60_000 });
    const expired = await broker.addKey(tenant, { expires_at: Date.now() - 1 });
    await untilStatus(202, valid);
    expect(await ingest.publish(anOpen(), { key: expired })).toMatchObject({
      status: 401,
      problem: { code: "unauthorized" },
    });
  });

  it("refuses a key without the scope publish", async () => {
    const key = await broker.addKey(tenant, { scopes: ["manage"] });
    await untilStatus(403, key);
    expect(await ingest.publish(anOpen(), { key })).toMatchObject({ problem: { code: "insufficient_scope" } });
  });

  it.each([
    ["no header", {}],
    ["an unknown key", { authorization: `Bearer ${generateApiKey()}` }],
    ["another scheme", { authorization: "Basic d2FnOmdsZQ==" }],
    ["no key after the scheme", { authorization: "Bearer " }],
  ])("answers 401 to %s", async (_name, headers) => {
    const answer = await ingest.publish(anOpen(), { key: null, headers });
    expect(answer).toMatchObject({ status: 401, problem: { code: "unauthorized" } });
    expect(answer.headers["www-authenticate"]).toBe("Bearer");
  });

  it.each([
    ["a body over 5 MiB", Buffer.alloc(6 * 1_048_576, " "), {}],
    ["no JSON", "{", {}],
    ["a wrong event", { type: "nope" }, {}],
    ["a wrong content type", "text", { contentType: "text/plain" }],
    ["a compressed body", "x", { headers: { "content-encoding": "br" } }],
  ])("judges the key before it looks at %s", async (_name, body, how) => {
    expect(await ingest.publish(body, { key: generateApiKey(), ...how })).toMatchObject({ status: 401 });
  });
});
