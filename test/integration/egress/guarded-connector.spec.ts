import { createEgressPolicy, createGuardedConnector, type EgressPolicyOptions, judgeUrl } from "@waggle/egress";
import { Pool } from "undici";
import { dial, hangUp, lookupAnswering } from "./dial";
import { type LoopbackListener, startListener } from "./loopback-listener";
import { startStuckListener } from "./stuck-listener";

/** Other systems have one loopback address only, or another meaning for 0.0.0.0. */
const testOnLinux = process.platform === "linux" ? test : test.skip;

const policyWith = (options: Partial<EgressPolicyOptions> = {}) =>
  createEgressPolicy({ allowHttpUrls: true, allowedPrivateCidrs: ["127.0.0.1/32"], ...options });

const strict = policyWith({ allowedPrivateCidrs: [] });
const loopback = policyWith();

let receiver: LoopbackListener;

beforeEach(async () => {
  receiver = await startListener((socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"));
  });
});
afterEach(async () => {
  hangUp();
  await receiver.close();
});

const at = (host: string): string => `http://${host}:${receiver.port}/`;

test("a request reaches the address its name resolved to", async () => {
  const lookup = lookupAnswering(["127.0.0.1"]);
  const pool = new Pool(at("hooks.acme.com"), { connect: createGuardedConnector(loopback, { lookup }) });
  const response = await pool.request({ method: "POST", path: "/", body: "{}" });
  expect(response.statusCode).toBe(204);
  expect(lookup.asked).toEqual(["hooks.acme.com"]);
  await pool.close();
});

test("a refusal reaches the request as address_refused", async () => {
  const pool = new Pool(at("127.0.0.1"), { connect: createGuardedConnector(strict) });
  await expect(pool.request({ method: "POST", path: "/" })).rejects.toMatchObject({ code: "address_refused" });
  expect(receiver.connections()).toBe(0);
  await pool.close();
});

test("a name that is rebound after it was written is refused, and nobody is connected to", async () => {
  const lookup = lookupAnswering(["127.0.0.1"]);
  await expect(judgeUrl(strict, at("hooks.acme.com"), { resolve: lookup })).resolves.toMatchObject({ allowed: true });
  const result = await dial(createGuardedConnector(strict, { lookup }), at("hooks.acme.com"));
  expect(result.code).toBe("address_refused");
  expect(receiver.connections()).toBe(0);
});

test("a private name that passed when it was written is judged again at every connection", async () => {
  const lookup = lookupAnswering(["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"]);
  await expect(judgeUrl(loopback, at("localhost"), { resolve: lookup })).resolves.toMatchObject({ allowed: true });
  const connector = createGuardedConnector(loopback, { lookup });
  const first = await dial(connector, at("localhost"));
  expect(first.code).toBeUndefined();
  await expect(dial(connector, at("localhost"))).resolves.toMatchObject({ code: "address_refused" });
  expect(receiver.connections()).toBe(1);
});

test.each([
  ["A before AAAA", ["127.0.0.1", "::1"]],
  ["AAAA before A", ["::1", "127.0.0.1"]],
  ["two A", ["127.0.0.1", "10.0.0.1"]],
  ["the mapped spelling", ["127.0.0.1", "::ffff:127.0.0.1"]],
  ["no address", ["127.0.0.1", "127.1"]],
])("one denied address among allowed ones refuses the name: %s", async (_, answer) => {
  const connector = createGuardedConnector(loopback, { lookup: lookupAnswering(answer) });
  await expect(dial(connector, at("hooks.acme.com"))).resolves.toMatchObject({ code: "address_refused" });
  expect(receiver.connections()).toBe(0);
});

test.each([
  ["http://10.0.0.1/", "a denied address"],
  ["http://[::ffff:7f00:1]/", "a mapped address"],
  ["http://127.0.0.1:6379/", "a denied port"],
  ["http://kubernetes.default.svc/", "a private name, when nothing private is allowed"],
])("%s is refused without a lookup: %s", async (url) => {
  const lookup = lookupAnswering(["127.0.0.1"]);
  await expect(dial(createGuardedConnector(strict, { lookup }), url)).resolves.toMatchObject({
    code: "address_refused",
  });
  expect(lookup.asked).toEqual([]);
});

test("an allowed address is dialled without a lookup", async () => {
  const lookup = lookupAnswering(["10.0.0.1"]);
  const { socket } = await dial(createGuardedConnector(loopback, { lookup }), at("127.0.0.1"));
  expect(socket?.remoteAddress).toBe("127.0.0.1");
  expect(lookup.asked).toEqual([]);
});

test("a webhook with plain http is refused once http is no longer allowed", async () => {
  const httpsOnly = policyWith({ allowHttpUrls: false });
  const connector = createGuardedConnector(httpsOnly, { lookup: lookupAnswering(["127.0.0.1"]) });
  await expect(dial(connector, at("hooks.acme.com"))).resolves.toMatchObject({ code: "address_refused" });
  expect(receiver.connections()).toBe(0);
});

testOnLinux("another peer than the address dialled is refused", async () => {
  // 0.0.0.0 is connected to loopback: a real case of an address that leads elsewhere.
  const policy = policyWith({ allowedPrivateCidrs: ["0.0.0.0/8"] });
  await expect(dial(createGuardedConnector(policy), at("0.0.0.0"))).resolves.toMatchObject({ code: "address_refused" });
  await receiver.allClosed();
});

testOnLinux("the second address is dialled when the first cannot be", async () => {
  const policy = policyWith({ allowedPrivateCidrs: ["127.0.0.0/8"] });
  const lookup = lookupAnswering(["127.0.0.2", "127.0.0.1"]);
  const { socket } = await dial(createGuardedConnector(policy, { lookup }), at("hooks.acme.com"));
  expect(socket?.remoteAddress).toBe("127.0.0.1");
});

test("what happened to the first address is what is reported", async () => {
  const closed = await startListener();
  await closed.close();
  const policy = policyWith({ allowedPrivateCidrs: ["127.0.0.1/32", "::1/128"] });
  const connector = createGuardedConnector(policy, { lookup: lookupAnswering(["127.0.0.1", "::1"]) });
  const result = await dial(connector, `http://hooks.acme.com:${closed.port}/`);
  expect(result.code).toBe("connection_refused");
});

describe("each stage has its own time limit", () => {
  test("a lookup that never ends", async () => {
    const connector = createGuardedConnector(loopback, {
      lookup: () => new Promise(() => undefined),
      dnsTimeoutMs: 50,
    });
    await expect(dial(connector, at("hooks.acme.com"))).resolves.toMatchObject({ code: "timeout" });
  });

  test("a connection that is never opened", async () => {
    const stuck = await startStuckListener();
    const connector = createGuardedConnector(loopback, { connectTimeoutMs: 100 });
    await expect(dial(connector, `http://127.0.0.1:${stuck.port}/`)).resolves.toMatchObject({ code: "timeout" });
    await stuck.close();
  });

  testOnLinux("an address that hangs leaves the next one half of the time", async () => {
    const stuck = await startStuckListener();
    const other = await startListener(undefined, { host: "127.0.0.2", port: stuck.port });
    const policy = policyWith({ allowedPrivateCidrs: ["127.0.0.0/8"] });
    const lookup = lookupAnswering(["127.0.0.1", "127.0.0.2"]);
    const connector = createGuardedConnector(policy, { lookup, connectTimeoutMs: 400 });
    const { socket } = await dial(connector, `http://hooks.acme.com:${stuck.port}/`);
    expect(socket?.remoteAddress).toBe("127.0.0.2");
    await other.close();
    await stuck.close();
  });
});

test.each([
  ["fails", () => Promise.reject(new Error("broken"))],
  ["answers nothing", async () => []],
])("a lookup that %s is dns_failed", async (_, lookup) => {
  await expect(dial(createGuardedConnector(loopback, { lookup }), at("hooks.acme.com"))).resolves.toMatchObject({
    code: "dns_failed",
  });
});

test("refusals are counted at the dial stage, failures are not", async () => {
  const stages: string[] = [];
  const policy = policyWith({ onRefused: (stage) => stages.push(stage) });
  await dial(createGuardedConnector(policy, { lookup: lookupAnswering(["10.0.0.1"]) }), at("hooks.acme.com"));
  await dial(createGuardedConnector(policy, { lookup: async () => [] }), at("hooks.acme.com"));
  expect(stages).toEqual(["dial"]);
});
