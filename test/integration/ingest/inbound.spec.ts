import { eventually, testBrokers } from "@waggle/testing";
import { Broker } from "./broker";
import { type Publication, RunningIngest } from "./running-ingest";
import { SmtpClient } from "./smtp-client";
import { anOpen, several, uniqueTenant } from "./valid-events";

jest.setTimeout(60_000);

const MIB = 1_048_576;
const MAIL = "message/rfc822";
const tenant = uniqueTenant();
let broker: Broker;
let ingest: RunningIngest;
let hash: string;
let foreign: string;
let managing: string;

beforeAll(async () => {
  broker = await Broker.at(testBrokers());
  const key = await broker.addKey(tenant);
  managing = await broker.addKey(tenant, { scopes: ["manage"] });
  hash = await broker.addAddress(tenant);
  foreign = await broker.addAddress(uniqueTenant());
  ingest = await RunningIngest.start({ brokers: testBrokers() }, { key, mailMemoryBytes: 24 * MIB });
});

afterAll(async () => {
  await ingest?.stop();
  await broker?.close();
});

const post = (raw: string | Buffer, how: Publication = {}) =>
  ingest.publish(raw, { path: `/v1/inbound/${hash}`, contentType: MAIL, ...how });

describe("POST /v1/inbound/{hash}", () => {
  it("stores a raw message byte for byte, however its lines end, before it answers 202", async () => {
    const raw = Buffer.from("Subject: by HTTP\n\nbytes \xe9\x00 and\r\na line\r.", "latin1");
    const { status, ids } = await post(raw);
    expect([status, ids]).toEqual([202, [expect.stringMatching(/^evt_[0-9A-HJKMNP-TV-Z]{26}$/)]]);
    expect(await broker.storedMail(tenant)).toEqual([
      {
        id: ids[0],
        tenant_id: tenant,
        hash,
        accepted_at: expect.any(Number),
        sender: null,
        bounce: false,
        recipient: `${hash}@in.localhost`,
        door: "http",
        raw,
      },
    ]);
  });

  it("never takes one message for another: the same bytes again are another event", async () => {
    const [first, second] = [await post("Subject: twice\r\n\r\n"), await post("Subject: twice\r\n\r\n")];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(first.ids).not.toEqual(second.ids);
  });

  it("takes 10 MiB and not one byte more", async () => {
    expect(await post(Buffer.alloc(10 * MIB, "x"))).toMatchObject({ status: 202 });
    expect(await post(Buffer.alloc(10 * MIB + 1, "x"))).toMatchObject({
      status: 413,
      problem: { code: "payload_too_large" },
    });
  });

  const refusals: readonly [string, string | Buffer, () => Publication, number, string][] = [
    ["no body", "", () => ({}), 422, "validation_failed"],
    ["another type", "x", () => ({ contentType: "text/plain" }), 415, "unsupported_media_type"],
    ["no type", "x", () => ({ contentType: null }), 415, "unsupported_media_type"],
    ["a compressed body", "x", () => ({ headers: { "content-encoding": "gzip" } }), 415, "unsupported_media_type"],
    ["an unknown hash", "x", () => ({ path: "/v1/inbound/0123456789abcdef" }), 404, "not_found"],
    ["another tenant's hash", "x", () => ({ path: `/v1/inbound/${foreign}` }), 404, "not_found"],
    ["no key", "x", () => ({ key: null }), 401, "unauthorized"],
    ["a key that may not publish", "x", () => ({ key: managing }), 403, "insufficient_scope"],
    ["another method", "x", () => ({ method: "PUT" }), 405, "method_not_allowed"],
  ];
  it.each(refusals)("refuses %s", async (_name, raw, how, status, code) => {
    expect(await post(raw, how())).toMatchObject({ status, problem: { code } });
  });

  it("says 503 while there is no memory for the message, and takes it afterwards", async () => {
    const holders = await Promise.all(several(3, () => SmtpClient.at(ingest.smtpPort)));
    for (const holder of holders) {
      await holder.envelope([`${hash}@in.localhost`]);
      await holder.say("DATA");
      holder.send(Buffer.alloc(8 * MIB, `${"x".repeat(62)}\r\n`));
    }
    await eventually("the memory to be used up", async () => {
      const { status, problem, headers } = await post("Subject: late\r\n\r\n");
      if (status !== 503) return false;
      expect([problem?.code, headers["retry-after"]]).toEqual(["overloaded", "5"]);
      return true;
    });
    // Events need none of it.
    expect(await ingest.publish(anOpen())).toMatchObject({ status: 202 });
    for (const holder of holders) holder.vanish();
    await eventually("the memory to be given back", async () => (await post("Subject: late\r\n\r\n")).status === 202);
  });
});
