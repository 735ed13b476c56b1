import { testBrokers } from "@waggle/testing";
import { Broker } from "./broker";
import { RunningIngest } from "./running-ingest";
import { anOpen, anOpenOf, ndjson, several, uniqueTenant } from "./valid-events";

jest.setTimeout(60_000);

const MIB = 1_048_576;
const tenant = uniqueTenant();
let broker: Broker;
let ingest: RunningIngest;

beforeAll(async () => {
  broker = await Broker.at(testBrokers());
  const key = await broker.addKey(tenant);
  ingest = await RunningIngest.start({ brokers: testBrokers() }, { key });
});

afterAll(async () => {
  await ingest?.stop();
  await broker?.close();
});

async function storedIds(): Promise<string[]> {
  return (await broker.stored(tenant)).map(({ event }) => event.id);
}

describe("POST /v1/events accepts", () => {
  it("one event, which is then on the topic in its canonical form, keyed by tenant and email", async () => {
    const before = Date.now();
    const { status, ids } = await ingest.publish({
      id: "canonical",
      type: "spam_complaint",
      created_at: "2026-04-17T14:34:56.50+02:00",
      data: { own: { nested: [1, 2.5, "ü"] }, to: "c@example.com", feedback_id: "f", tags: ["a"], email_id: "msg_9" },
    });
    expect([status, ids]).toEqual([202, ["canonical"]]);
    const found = (await broker.stored(tenant)).find(({ event }) => event.id === "canonical");
    expect(found?.key).toBe(`${tenant}/msg_9`);
    expect(found?.event).toEqual({
      id: "canonical",
      publisher_id: true,
      tenant_id: tenant,
      type: "complaint",
      created_at: "2026-04-17T12:34:56.50Z",
      accepted_at: expect.any(Number),
      data: {
        email_id: "msg_9",
        to: "c@example.com",
        tags: ["a"],
        metadata: {},
        complaint_type: "other",
        feedback_id: "f",
        own: { nested: [1, 2.5, "ü"] },
      },
    });
    expect(found?.event.accepted_at).toBeGreaterThanOrEqual(before);
    expect(found?.event.accepted_at).toBeLessThanOrEqual(Date.now());
  });

  it("a list of events, answered in its order", async () => {
    const { status, ids } = await ingest.publish({ events: [anOpen({ id: "l2" }), anOpen(), anOpen({ id: "l1" })] });
    expect([status, ids]).toEqual([202, ["l2", expect.stringMatching(/^evt_[0-9A-HJKMNP-TV-Z]{26}$/), "l1"]]);
    expect(await storedIds()).toEqual(expect.arrayContaining([...ids]));
  });

  it("NDJSON, one event a line, blank lines and CRLF included", async () => {
    const body = `\r\n${JSON.stringify(anOpen({ id: "n1" }))}\r\n\r\n${JSON.stringify(anOpen({ id: "n2" }))}`;
    const { status, ids } = await ingest.publish(body, { contentType: "application/x-ndjson" });
    expect([status, ids]).toEqual([202, ["n1", "n2"]]);
    expect(await storedIds()).toEqual(expect.arrayContaining(["n1", "n2"]));
  });

  it("each of the five types with all its fields", async () => {
    const opened = { ip_address: "192.0.2.1", user_agent: "Mail/1.0", timestamp: "2026-04-17T12:34:56Z" };
    const fields = {
      delivery: {},
      bounce: { bounce_type: "soft", bounce_subtype: "mailbox-full", diagnostic_code: "452 4.2.2" },
      complaint: { complaint_type: "abuse", feedback_id: "fb_1" },
      open: opened,
      click: { url: "https://example.com/?a=b", ...opened },
    };
    const common = { from: "noreply@example.com", subject: "Hi", tags: ["a", "b"], metadata: { mta: "mx1" } };
    const events = Object.entries(fields).map(([type, own]) =>
      anOpen({ id: `full-${type}`, type }, { ...common, ...own }),
    );
    expect(await ingest.publish({ events })).toMatchObject({ status: 202 });
    const stored = new Map((await broker.stored(tenant)).map(({ event }) => [event.id, event.data]));
    for (const { id, data } of events) expect(stored.get(String(id))).toEqual(data);
  });

  it("JSON without a content type, with a charset, with a byte order mark", async () => {
    expect(await ingest.publish(anOpen(), { contentType: null })).toMatchObject({ status: 202 });
    expect(await ingest.publish(anOpen(), { contentType: "application/json; charset=utf-8" })).toMatchObject({
      status: 202,
    });
    expect(await ingest.publish(`\ufeff${JSON.stringify(anOpen())}`)).toMatchObject({ status: 202 });
  });

  it("keys and text that would break a careless reader, and keeps them as they are", async () => {
    const own = '"__proto__":{"admin":true},"constructor":1,"nul":"\\u0000","half":"\\ud800","big":1e308,"bee":"🐝"';
    const event = `{"id":"odd","type":"open","data":{"email_id":"m","to":"t",${own}}}`;
    expect(await ingest.publish(event)).toMatchObject({ status: 202 });
    const stored = (await broker.stored(tenant)).find(({ event: { id } }) => id === "odd");
    const sent: { data: object } = JSON.parse(event);
    expect(JSON.stringify(stored?.event.data)).toBe(
      JSON.stringify({ email_id: "m", to: "t", tags: [], metadata: {}, ...sent.data }),
    );
  });

  it("1,000 events in one request, in every form that holds several", async () => {
    const events = several(1_000, (index) => anOpen({ id: `k${index}` }, { email_id: `msg_${index % 50}` }));
    const list = await ingest.publish({ events });
    expect([list.status, list.ids]).toEqual([202, events.map(({ id }) => id)]);
    expect(await ingest.publish(ndjson(events), { contentType: "application/x-ndjson" })).toMatchObject({
      status: 202,
    });
    const ids = await storedIds();
    for (const { id } of events) expect(ids.filter((stored) => stored === id)).toHaveLength(2);
  });

  it("an event of 256 KiB", async () => {
    expect(await ingest.publish(anOpenOf(262_144, { id: "large" }))).toMatchObject({ status: 202 });
    expect(await storedIds()).toContain("large");
  });

  it("a body of 5 MiB, also when its key names take as much again and all fall on one partition", async () => {
    const email_id = "m".repeat(250_000);
    const body = JSON.stringify({ events: several(20, (index) => anOpen({ id: `huge${index}` }, { email_id })) });
    const padded = body.padEnd(5 * MIB, " ");
    expect(await ingest.publish(padded)).toMatchObject({ status: 202 });
    const huge = (await broker.stored(tenant)).filter(({ event }) => event.id.startsWith("huge"));
    expect(huge.map(({ event }) => event.id)).toEqual(several(20, (index) => `huge${index}`));
    expect(new Set(huge.map(({ partition }) => partition)).size).toBe(1);
  });

  it("the same id in another request", async () => {
    expect(await ingest.publish(anOpen({ id: "again" }))).toMatchObject({ status: 202 });
    expect(await ingest.publish(anOpen({ id: "again" }))).toMatchObject({ status: 202 });
  });

  it("events of one email in the order they were published", async () => {
    const email_id = "ordered";
    for (const index of [0, 1, 2]) {
      await ingest.publish({ events: several(20, (at) => anOpen({ id: `o${index * 20 + at}` }, { email_id })) });
    }
    const stored = (await broker.stored(tenant)).filter(({ event }) => event.data.email_id === email_id);
    expect(stored.map(({ event }) => event.id)).toEqual(several(60, (index) => `o${index}`));
  });
});
