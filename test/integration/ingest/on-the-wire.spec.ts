import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { testBrokers } from "@waggle/testing";
import { Broker } from "./broker";
import { RunningIngest } from "./running-ingest";
import { anOpen, uniqueTenant } from "./valid-events";

jest.setTimeout(60_000);

const tenant = uniqueTenant();
let broker: Broker;
let ingest: RunningIngest;
let key: string;

beforeAll(async () => {
  broker = await Broker.at(testBrokers());
  key = await broker.addKey(tenant);
  ingest = await RunningIngest.start({ brokers: testBrokers() }, { key });
});

afterAll(async () => {
  await ingest?.stop();
  await broker?.close();
});

/** A POST whose body the test writes itself. */
function post(headers: Record<string, string | number>): ClientRequest {
  const authorization = `Bearer ${key}`;
  return request(`${ingest.url}/v1/events`, { method: "POST", headers: { authorization, ...headers }, agent: false });
}

async function answerTo(sent: ClientRequest): Promise<{ status: number; body: string }> {
  const [response]: IncomingMessage[] = await once(sent, "response");
  if (!response) throw new Error("no response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}

describe("a publish request on the wire", () => {
  it("may come in chunks, cut in the middle of a character", async () => {
    const body = Buffer.from(JSON.stringify(anOpen({ id: "chunks" }, { subject: "🐝" })));
    const cut = body.indexOf("🐝") + 2;
    const sent = post({ "transfer-encoding": "chunked" });
    sent.write(body.subarray(0, cut));
    await sleep(20);
    sent.end(body.subarray(cut));
    expect(await answerTo(sent)).toMatchObject({ status: 202 });
    const stored = (await broker.stored(tenant)).find(({ event }) => event.id === "chunks");
    expect(stored?.event.data.subject).toBe("🐝");
  });

  it("is refused as soon as more than 5 MiB have come, however many were announced", async () => {
    const sent = post({ "transfer-encoding": "chunked" });
    for (let mib = 0; mib < 6; mib++) sent.write(Buffer.alloc(1_048_576, " "));
    const { status, body } = await answerTo(sent);
    expect([status, JSON.parse(body).code]).toEqual([413, "payload_too_large"]);
    sent.destroy();
  });

  it("is refused by its announced length before the body comes", async () => {
    const sent = post({ "content-length": 5 * 1_048_576 + 1 });
    sent.flushHeaders();
    expect(await answerTo(sent)).toMatchObject({ status: 413 });
    sent.destroy();
  });

  it("gets its answer to a body that is too large on a connection that stays usable", async () => {
    for (let round = 0; round < 5; round++) {
      expect(await ingest.publish(Buffer.alloc(8 * 1_048_576, " "))).toMatchObject({ status: 413 });
      expect(await ingest.publish(anOpen())).toMatchObject({ status: 202 });
    }
  });

  it("may ask for 100 Continue first", async () => {
    const sent = post({ expect: "100-continue", "content-type": "application/json" });
    sent.flushHeaders();
    await once(sent, "continue");
    sent.end(JSON.stringify(anOpen({ id: "continued" })));
    expect(await answerTo(sent)).toMatchObject({ status: 202 });
  });

  it("leaves nothing when the client goes away in the middle of the body", async () => {
    const body = `${JSON.stringify(anOpen({ id: "gone" }))}\n`;
    const { hostname, port } = new URL(ingest.url);
    const socket = connect(Number(port), hostname);
    const head = ["POST /v1/events HTTP/1.1", "host: localhost", `authorization: Bearer ${key}`];
    socket.write([...head, "content-type: application/x-ndjson", "content-length: 10000", "", body].join("\r\n"));
    await sleep(100);
    socket.destroy();
    await once(socket, "close");
    expect(await ingest.publish(anOpen({ id: "after" }))).toMatchObject({ status: 202 });
    const ids = (await broker.stored(tenant)).map(({ event }) => event.id);
    expect(ids).toContain("after");
    expect(ids).not.toContain("gone");
  });

  it("is counted by what became of its events", async () => {
    const count = async (result: string) => {
      const match = new RegExp(`^waggle_ingest_events_total\\{result="${result}"\\} (\\d+)$`, "m");
      return Number(match.exec(await ingest.metrics())?.[1]);
    };
    const before = { accepted: await count("accepted"), refused: await count("refused") };
    await ingest.publish({ events: [anOpen(), anOpen(), anOpen()] });
    await ingest.publish({ events: [anOpen(), anOpen({ id: "" })] });
    await ingest.publish("{");
    expect(await count("accepted")).toBe(before.accepted + 3);
    expect(await count("refused")).toBe(before.refused + 3);
    expect(await ingest.metrics()).toMatch(/^waggle_ingest_accept_seconds_count [1-9]/m);
  });
});
