import { testBrokers } from "@waggle/testing";
import { Broker } from "./broker";
import { type Publication, RunningIngest } from "./running-ingest";
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

interface Refusal {
  readonly name: string;
  readonly body: unknown;
  readonly how?: Publication;
  readonly status: number;
  readonly code: string;
  /** The paths that the answer names. */
  readonly paths?: readonly string[];
}

const ndjsonBody = { contentType: "application/x-ndjson" };

const refusals: readonly Refusal[] = [
  { name: "an empty body", body: "", status: 400, code: "malformed_json" },
  { name: "half a document", body: '{"type":"open"', status: 400, code: "malformed_json" },
  { name: "two documents", body: "{}{}", status: 400, code: "malformed_json" },
  { name: "NDJSON called JSON", body: ndjson([anOpen(), anOpen()]), status: 400, code: "malformed_json" },
  {
    name: "a line that is not JSON",
    body: `${ndjson([anOpen()])}{`,
    how: ndjsonBody,
    status: 400,
    code: "malformed_json",
  },
  { name: "invalid UTF-8", body: Buffer.from([0x22, 0xff, 0x22]), status: 400, code: "malformed_json" },
  { name: "a key that is no string", body: "{1:2}", status: 400, code: "malformed_json" },
  { name: "a list of events without its name", body: [anOpen()], status: 422, code: "validation_failed", paths: [""] },
  { name: "no object at all", body: "null", status: 422, code: "validation_failed", paths: [""] },
  { name: "no events", body: { events: [] }, status: 422, code: "validation_failed", paths: ["/events"] },
  { name: "no lines", body: "\n\n", how: ndjsonBody, status: 422, code: "validation_failed", paths: ["/events"] },
  { name: "events that are no list", body: { events: {} }, status: 422, code: "validation_failed", paths: ["/events"] },
  {
    name: "a field beside events",
    body: { events: [anOpen()], tenant_id: "x" },
    status: 422,
    code: "validation_failed",
    paths: ["/tenant_id"],
  },
  {
    name: "one event with every field wrong",
    body: { id: "a b", type: "inbound", created_at: "now", publisher_id: true, data: { to: "", from: 1, tags: "t" } },
    status: 422,
    code: "validation_failed",
    paths: ["/id", "/type", "/created_at", "/publisher_id", "/data/email_id", "/data/to", "/data/from", "/data/tags"],
  },
  {
    name: "two bad events among good ones",
    body: { events: [anOpen(), anOpen({ id: "" }), anOpen({ type: "click" }), anOpen()] },
    status: 422,
    code: "validation_failed",
    paths: ["/events/1/id", "/events/2/data/url"],
  },
  {
    name: "a bad event in NDJSON, named as in a list",
    body: `${ndjson([anOpen()])}\n${ndjson([anOpen({}, { tags: [""], metadata: 1 })])}`,
    how: ndjsonBody,
    status: 422,
    code: "validation_failed",
    paths: ["/events/1/data/metadata"],
  },
  {
    name: "an id twice",
    body: { events: [anOpen({ id: "a" }), anOpen({ id: "b" }), anOpen({ id: "a" })] },
    status: 422,
    code: "duplicate_id",
    paths: ["/events/2/id"],
  },
  {
    name: "an id twice beside another fault",
    body: { events: [anOpen({ id: "a" }), anOpen({ id: "a", extra: 1 })] },
    status: 422,
    code: "validation_failed",
    paths: ["/events/1/extra", "/events/1/id"],
  },
  { name: "an event over 256 KiB", body: anOpenOf(262_145), status: 422, code: "validation_failed", paths: [""] },
  { name: "1,001 events", body: { events: several(1_001, () => anOpen()) }, status: 413, code: "too_many_events" },
  {
    name: "1,001 lines",
    body: ndjson(several(1_001, () => anOpen())),
    how: ndjsonBody,
    status: 413,
    code: "too_many_events",
  },
  {
    name: "one byte over 5 MiB",
    body: JSON.stringify(anOpen()).padEnd(5 * MIB + 1, " "),
    status: 413,
    code: "payload_too_large",
  },
  {
    name: "endless nesting",
    body: `{"type":"open","data":{"email_id":"m","to":"t","own":${"[".repeat(500_000)}${"]".repeat(500_000)}}}`,
    status: 422,
    code: "validation_failed",
    paths: [`/data/own${"/0".repeat(98)}`],
  },
  {
    name: "another content type",
    body: anOpen(),
    how: { contentType: "text/plain" },
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "no media type at all",
    body: anOpen(),
    how: { contentType: "json" },
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "another charset",
    body: anOpen(),
    how: { contentType: "application/json; charset=utf-16" },
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "a compressed body",
    body: Buffer.from("1f8b", "hex"),
    how: { headers: { "content-encoding": "gzip" } },
    status: 415,
    code: "unsupported_media_type",
  },
  ...(["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] as const).map((method) => ({
    name: `the method ${method}`,
    body: method === "GET" ? Buffer.alloc(0) : "{",
    how: { method },
    status: 405,
    code: "method_not_allowed",
  })),
];

describe("POST /v1/events refuses", () => {
  it.each(refusals)("$name with $status $code", async ({ body, how, status, code, paths }) => {
    const answer = await ingest.publish(body, how);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(answer).toMatchObject({ status, problem: { status, code, type: `urn:waggle:problem:${code}` } });
    expect(answer.problem?.errors.map(({ path }) => path)).toEqual(paths ?? []);
  });

  it("everything above without leaving a trace", async () => {
    expect(await broker.stored(tenant)).toEqual([]);
  });

  it("another method with the one it allows", async () => {
    expect((await ingest.publish("", { method: "GET" })).headers.allow).toBe("POST");
  });
});
