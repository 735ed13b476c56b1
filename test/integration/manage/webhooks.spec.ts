import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth, wrongFields } from "./running-health";

let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  tenant = await health.tenant();
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

const valid = { url: "https://api.acme.com/webhooks", events: ["*"] };

function create(body: Readonly<Record<string, unknown>>) {
  return health.ask("POST", "/v1/webhooks", { token: tenant.key, body: { ...valid, ...body } });
}

function ask(method: string, path: string, body?: unknown) {
  return health.ask(method, `/v1/webhooks${path}`, { token: tenant.key, body });
}

async function created(body: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { status, body: webhook, text } = await create(body);
  if (status !== 201) throw new Error(text);
  return String(webhook.id);
}

describe("creating", () => {
  it("answers with everything there is to know, and the secret", async () => {
    const { status, headers, body } = await create({});
    expect(status).toBe(201);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(body).toEqual({
      id: expect.stringMatching(/^wh_[0-9A-HJKMNP-TV-Z]{26}$/),
      tenant_id: tenant.id,
      ...valid,
      tags: [],
      description: null,
      dialect: "hiveku",
      status: "enabled",
      disabled_reason: null,
      failing_since: null,
      headers: {},
      timeout_ms: null,
      max_in_flight: null,
      max_per_second: null,
      retry_delays_s: null,
      disable_after_s: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: body.created_at,
      etag: expect.stringMatching(/^"\d+"$/),
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    const { secret, ...webhook } = body;
    expect((await ask("GET", `/${body.id}`)).body).toEqual(webhook);
    expect((await ask("GET", `/${body.id}/secret`)).body).toEqual({ secret, shared: false });
  });

  it("keeps every setting", async () => {
    const settings = {
      tags: ["marketing", "Grüße 📮"],
      description: "Two\nlines",
      dialect: "standard",
      timeout_ms: 30_000,
      max_in_flight: 64,
      max_per_second: 10_000,
      retry_delays_s: [1, 7, 21_600],
      disable_after_s: 0,
    };
    const { body } = await create({ ...settings, headers: { "X-Api-Key": "s3cr3t", "X-Empty": "" } });
    expect(body).toMatchObject({ ...settings, headers: { "X-Api-Key": "***", "X-Empty": "***" } });
    expect((await ask("GET", `/${body.id}`)).body).toMatchObject(settings);
  });

  it.each([
    ["hiveku", ["delivery", "complaint", "inbound"]],
    ["buzzmark", ["delivery", "spam_complaint", "inbound"]],
    ["standard", ["email.delivery", "email.complaint", "email.inbound"]],
  ])("understands any dialect's event names and echoes those of %s", async (dialect, events) => {
    const given = ["email.delivery", "spam_complaint", "complaint", "inbound", "delivery"];
    expect((await create({ dialect, events: given })).body).toMatchObject({ events });
    expect((await create({ dialect, events: ["*"] })).body).toMatchObject({ events: ["*"] });
  });

  it("takes null for what may be left out", async () => {
    const left = ["tags", "description", "dialect", "secret", "headers", "timeout_ms", "max_in_flight"];
    const more = ["max_per_second", "retry_delays_s", "disable_after_s"];
    const nothing = Object.fromEntries([...left, ...more].map((field) => [field, null]));
    expect(await create(nothing)).toMatchObject({ status: 201, body: { tags: [], headers: {}, dialect: "hiveku" } });
  });

  it("names a tag once, however often it is given", async () => {
    expect((await create({ tags: ["a", "b", "a"] })).body).toMatchObject({ tags: ["a", "b"] });
  });

  it("imports a secret", async () => {
    for (const secret of ["0123456789abcdef", "ü".repeat(256), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]) {
      const { status, body } = await create({ secret });
      expect({ status, secret: body.secret }).toEqual({ status: 201, secret });
      expect((await ask("GET", `/${body.id}/secret`)).body).toEqual({ secret, shared: false });
    }
  });

  it("speaks the tenant's dialect unless told otherwise", async () => {
    const standard = await health.tenant({ dialect: "standard" });
    const answer = await health.ask("POST", "/v1/webhooks", { token: standard.key, body: valid });
    expect(answer.body).toMatchObject({ dialect: "standard" });
  });
});

const text = (length: number) => "x".repeat(length);
const many = <Item>(count: number, item: (index: number) => Item) => Array.from({ length: count }, (_, i) => item(i));
const headers = (count: number) => Object.fromEntries(many(count, (i) => [`X-Custom-${i}`, "value"]));
const longestUrl = `https://api.acme.com/${text(2_048 - "https://api.acme.com/".length)}`;

describe("both sides of every limit", () => {
  it.each<[string, Record<string, unknown>]>([
    ["the longest URL", { url: longestUrl }],
    ["50 tags", { tags: many(50, String) }],
    ["a tag of 128", { tags: [text(128)] }],
    ["a description of 1,024", { description: text(1_024) }],
    ["no description", { description: "" }],
    ["the shortest timeout", { timeout_ms: 1_000 }],
    ["the longest timeout", { timeout_ms: 30_000 }],
    ["the smallest cap", { max_in_flight: 1 }],
    ["the lowest rate", { max_per_second: 1 }],
    ["30 delays", { retry_delays_s: many(30, () => 1) }],
    ["the longest time to be disabled after", { disable_after_s: 2_592_000 }],
    ["20 headers", { headers: headers(20) }],
    ["a header name of 128", { headers: { [`X-${text(126)}`]: "v" } }],
    ["a header value of 4,096", { headers: { "X-Long": text(4_096) } }],
    ["the shortest secret", { secret: text(16) }],
    ["the longest secret", { secret: text(256) }],
  ])("takes %s", async (_, body) => {
    expect(await create(body)).toMatchObject({ status: 201, body: { ...body, headers: expect.any(Object) } });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ["a URL that is none", { url: "nowhere" }, ["/url"]],
    ["no URL", { url: undefined }, ["/url"]],
    ["null for the URL", { url: null }, ["/url"]],
    ["a URL too long", { url: `${longestUrl}x` }, ["/url"]],
    ["a private address", { url: "https://10.0.0.1/" }, ["/url"]],
    ["a private name", { url: "https://postgres/" }, ["/url"]],
    ["a user name in the URL", { url: "https://me@api.acme.com/" }, ["/url"]],
    ["a port of another service", { url: "https://api.acme.com:6379/" }, ["/url"]],
    ["no events", { events: [] }, ["/events"]],
    ["events left out", { events: undefined }, ["/events"]],
    ["null for the events", { events: null }, ["/events"]],
    ["one name instead of a list", { events: "*" }, ["/events"]],
    ["an unknown event", { events: ["open", "opened"] }, ["/events/1"]],
    ["51 tags", { tags: many(51, String) }, ["/tags"]],
    ["a tag of 129", { tags: ["a", text(129)] }, ["/tags/1"]],
    ["an empty tag", { tags: [""] }, ["/tags/0"]],
    ["a tag that is no text", { tags: [1] }, ["/tags/0"]],
    ["a description of 1,025", { description: text(1_025) }, ["/description"]],
    ["a description with a NUL", { description: "a\u0000b" }, ["/description"]],
    ["half a character", { description: "\ud83d" }, ["/description"]],
    ["an unknown dialect", { dialect: "mailchimp" }, ["/dialect"]],
    ["a timeout too short", { timeout_ms: 999 }, ["/timeout_ms"]],
    ["a timeout too long", { timeout_ms: 30_001 }, ["/timeout_ms"]],
    ["half a millisecond", { timeout_ms: 1_000.5 }, ["/timeout_ms"]],
    ["a timeout as text", { timeout_ms: "1000" }, ["/timeout_ms"]],
    ["a cap of none", { max_in_flight: 0 }, ["/max_in_flight"]],
    ["a cap too large", { max_in_flight: 65 }, ["/max_in_flight"]],
    ["a rate of none", { max_per_second: 0 }, ["/max_per_second"]],
    ["a rate too high", { max_per_second: 10_001 }, ["/max_per_second"]],
    ["no delays", { retry_delays_s: [] }, ["/retry_delays_s"]],
    ["31 delays", { retry_delays_s: many(31, () => 1) }, ["/retry_delays_s"]],
    ["delays too short and too long", { retry_delays_s: [0, 1, 21_601] }, ["/retry_delays_s/0", "/retry_delays_s/2"]],
    ["a negative time", { disable_after_s: -1 }, ["/disable_after_s"]],
    ["a time too long", { disable_after_s: 2_592_001 }, ["/disable_after_s"]],
    ["21 headers", { headers: headers(21) }, ["/headers"]],
    ["a reserved header", { headers: { "X-Ok": "v", Host: "acme.com" } }, ["/headers/Host"]],
    ["a signature of our own", { headers: { "Webhook-Signature": "v1,x" } }, ["/headers/Webhook-Signature"]],
    ["a header name with a slash", { headers: { "a/b": "v" } }, ["/headers/a~1b"]],
    ["a header name of 129", { headers: { [text(129)]: "v" } }, [`/headers/${text(129)}`]],
    ["a header value of 4,097", { headers: { "X-Long": text(4_097) } }, ["/headers/X-Long"]],
    ["a header value with a line break", { headers: { "X-Break": "a\r\nb" } }, ["/headers/X-Break"]],
    ["a header value that is no text", { headers: { "X-Number": 1 } }, ["/headers/X-Number"]],
    ["a header twice", { headers: { "X-Twice": "a", "x-twice": "b" } }, ["/headers/x-twice"]],
    ["a masked header that was never set", { headers: { "X-New": "***" } }, ["/headers/X-New"]],
    ["a secret too short", { secret: text(15) }, ["/secret"]],
    ["a secret too long", { secret: text(257) }, ["/secret"]],
    ["a secret with a line break", { secret: `${text(16)}\n` }, ["/secret"]],
    ["a whsec_ that is not base64", { secret: "whsec_not*base64*at*all" }, ["/secret"]],
    ["unknown fields", { color: "red", "a/b": 1 }, ["/a~1b", "/color"]],
    ["what only waggle sets", { id: "wh_1", status: "disabled" }, ["/id", "/status"]],
    ["several at once", { timeout_ms: 1, tags: [""], nope: 1 }, ["/nope", "/tags/0", "/timeout_ms"]],
    ["a URL and a header at once", { url: "https://10.0.0.1/", headers: { te: "v" } }, ["/headers/te", "/url"]],
  ])("refuses %s", async (_, body, paths) => {
    const answer = await create(body);
    expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed", status: 422 } });
    expect(wrongFields(answer).sort()).toEqual(paths);
  });

  it("refuses a body that is no object, and one that is no JSON", async () => {
    expect(await health.ask("POST", "/v1/webhooks", { token: tenant.key, body: [] })).toMatchObject({ status: 422 });
    expect(await health.ask("POST", "/v1/webhooks", { token: tenant.key })).toMatchObject({ status: 422 });
    const broken = await health.ask("POST", "/v1/webhooks", { token: tenant.key, body: '{"url":' });
    expect(broken).toMatchObject({ status: 400, body: { code: "malformed_json" } });
  });

  it("refuses a body that is not JSON by its type, and one that is too large", async () => {
    const form = { body: "url=x", headers: { "content-type": "application/x-www-form-urlencoded" } };
    expect(await health.ask("POST", "/v1/webhooks", form)).toMatchObject({
      status: 415,
      body: { code: "unsupported_media_type" },
    });
    const large = await create({ description: text(1_100_000) });
    expect(large).toMatchObject({ status: 413, body: { code: "payload_too_large" } });
  });

  it("counts refused addresses", async () => {
    const count = () => health.metric('waggle_blocked_addresses_total{stage="write"}');
    const before = (await count()) || 0;
    await create({ url: "https://169.254.169.254/" });
    expect(await count()).toBe(before + 1);
  });

  it("refuses plain http when it is not allowed", async () => {
    const strict = await RunningHealth.withoutKafka(database.url, {
      ALLOW_HTTP_URLS: "false",
      ALLOWED_PRIVATE_CIDRS: "",
    });
    const asked = { token: tenant.key, body: { ...valid, url: "http://api.acme.com/" } };
    expect(wrongFields(await strict.ask("POST", "/v1/webhooks", asked))).toEqual(["/url"]);
    await strict.stop();
    expect(await create({ url: "http://127.0.0.1:9999/" })).toMatchObject({ status: 201 });
  });
});

describe("changing", () => {
  it("changes what is there and leaves what is absent", async () => {
    const id = await created({ tags: ["a"], timeout_ms: 5_000, headers: { "X-Key": "secret" } });
    const { body: before } = await ask("GET", `/${id}`);
    const { status, body: after } = await ask("PATCH", `/${id}`, {
      url: "https://other.acme.com/",
      events: ["bounce"],
    });
    expect(status).toBe(200);
    expect(after).toEqual({
      ...before,
      url: "https://other.acme.com/",
      events: ["bounce"],
      updated_at: expect.any(String),
      etag: expect.any(String),
    });
    expect(Date.parse(String(after.updated_at))).toBeGreaterThanOrEqual(Date.parse(String(before.updated_at)));
    expect((await ask("GET", `/${id}`)).body).toEqual(after);
  });

  it("clears with null", async () => {
    const set = {
      tags: ["a"],
      description: "text",
      dialect: "standard",
      headers: { "X-Key": "secret" },
      timeout_ms: 5_000,
      max_in_flight: 5,
      max_per_second: 5,
      retry_delays_s: [5],
      disable_after_s: 5,
    };
    const id = await created(set);
    const nothing = Object.fromEntries(Object.keys(set).map((field) => [field, null]));
    const cleared = { ...nothing, tags: [], headers: {}, dialect: "hiveku" };
    expect(await ask("PATCH", `/${id}`, nothing)).toMatchObject({ status: 200, body: cleared });
  });

  it("echoes events in the names of the new dialect", async () => {
    const id = await created({ events: ["complaint", "open"] });
    const { body } = await ask("PATCH", `/${id}`, { dialect: "buzzmark" });
    expect(body).toMatchObject({ dialect: "buzzmark", events: ["spam_complaint", "open"] });
  });

  it("replaces headers as a whole, and keeps values that are sent back masked", async () => {
    const id = await created({ headers: { "X-A": "a", "X-B": "b" } });
    const { body } = await ask("PATCH", `/${id}`, { headers: { "x-a": "***", "X-C": "c" } });
    expect(body).toMatchObject({ headers: { "x-a": "***", "X-C": "***" } });
    expect(body.headers).not.toHaveProperty("X-B");
    expect(wrongFields(await ask("PATCH", `/${id}`, { headers: { "X-B": "***" } }))).toEqual(["/headers/X-B"]);
  });

  it("takes back what it showed, except what only waggle sets", async () => {
    const id = await created({ headers: { "X-A": "a" }, description: "text" });
    const { body: shown } = await ask("GET", `/${id}`);
    const {
      id: _id,
      tenant_id,
      status,
      disabled_reason,
      failing_since,
      created_at,
      updated_at,
      etag,
      ...settings
    } = shown;
    expect(await ask("PATCH", `/${id}`, settings)).toMatchObject({ status: 200, body: shown });
  });

  it.each<[Record<string, unknown>, string[]]>([
    [{ url: null }, ["/url"]],
    [{ url: "https://10.0.0.1/" }, ["/url"]],
    [{ events: null }, ["/events"]],
    [{ events: [] }, ["/events"]],
    [{ secret: text(16) }, ["/secret"]],
    [{ status: "disabled" }, ["/status"]],
    [{ timeout_ms: 999, nope: 1 }, ["/nope", "/timeout_ms"]],
    [{ headers: { cookie: "a=b" } }, ["/headers/cookie"]],
  ])("refuses %j and changes nothing", async (change, paths) => {
    const id = await created();
    const { body: before } = await ask("GET", `/${id}`);
    const answer = await ask("PATCH", `/${id}`, { description: "new", ...change });
    expect(answer.status).toBe(422);
    expect(wrongFields(answer).sort()).toEqual(paths);
    expect((await ask("GET", `/${id}`)).body).toEqual(before);
  });
});

describe("enabling, disabling, deleting", () => {
  it("disables by hand, and enables again", async () => {
    const id = await created();
    const disabled = { status: "disabled", disabled_reason: "manual" };
    expect(await ask("POST", `/${id}/disable`)).toMatchObject({ status: 200, body: disabled });
    const { body: first } = await ask("GET", `/${id}`);
    expect(await ask("POST", `/${id}/disable`, {})).toMatchObject({ status: 200, body: first });
    const enabled = { status: "enabled", disabled_reason: null, failing_since: null };
    expect(await ask("POST", `/${id}/enable`)).toMatchObject({ status: 200, body: enabled });
    const { body: second } = await ask("GET", `/${id}`);
    expect(await ask("POST", `/${id}/enable`)).toMatchObject({ status: 200, body: second });
  });

  it("refuses a body that says something", async () => {
    const id = await created();
    expect(wrongFields(await ask("POST", `/${id}/disable`, { reason: "gone" }))).toEqual(["/reason"]);
    expect(wrongFields(await ask("POST", `/${id}/enable`, { force: true }))).toEqual(["/force"]);
  });

  it("takes an announced but empty body for none", async () => {
    const id = await created();
    const asked = { token: tenant.key, headers: { "content-type": "application/json" } };
    expect(await health.ask("POST", `/v1/webhooks/${id}/disable`, asked)).toMatchObject({ status: 200 });
    expect(await health.ask("DELETE", `/v1/webhooks/${id}`, asked)).toMatchObject({ status: 204, text: "" });
  });

  it("is gone once deleted", async () => {
    const id = await created();
    expect(await ask("DELETE", `/${id}`)).toMatchObject({ status: 204, text: "" });
    for (const [method, path] of [
      ["GET", ""],
      ["DELETE", ""],
      ["PATCH", ""],
      ["GET", "/secret"],
      ["POST", "/enable"],
      ["POST", "/disable"],
    ] as const) {
      const answer = await ask(method, `/${id}${path}`, method === "PATCH" ? {} : undefined);
      expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
    }
  });
});

it("counts webhooks by status", async () => {
  const count = (status: string) => health.metric(`waggle_webhooks{status="${status}"}`);
  const [enabled, disabled] = [await count("enabled"), await count("disabled")];
  const id = await created();
  await ask("POST", `/${id}/disable`);
  await created();
  expect([await count("enabled"), await count("disabled")]).toEqual([enabled + 1, disabled + 1]);
});

it("counts webhooks that people disabled, each once, and names every reason from the start", async () => {
  const count = (reason: string) => health.metric(`waggle_webhooks_disabled_total{reason="${reason}"}`);
  const before = await count("manual");
  const id = await created();
  await ask("POST", `/${id}/disable`);
  await ask("POST", `/${id}/disable`);
  expect(await count("manual")).toBe(before + 1);
  expect([await count("gone"), await count("failing")]).toEqual([0, 0]);
});
