import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { connect, createServer, type SecureContextOptions, type TLSSocket, type TlsOptions } from "node:tls";
import { createEgressPolicy, createGuardedConnector, type GuardedConnectorOptions } from "@waggle/egress";
import { Pool } from "undici";
import { dial, hangUp, lookupAnswering } from "./dial";
import { type LoopbackListener, listen, startListener } from "./loopback-listener";
import { createSelfSigned, createTestAuthority, type TestCertificate, yearsFromNow } from "./test-certificates";

const authority = createTestAuthority("trusted authority");
const stranger = createTestAuthority("unknown authority");
const policy = createEgressPolicy({ allowHttpUrls: false, allowedPrivateCidrs: ["127.0.0.1/32"] });

const NAME = "hooks.acme.com";

let listener: LoopbackListener | undefined;
let secured: TLSSocket[] = [];

afterEach(async () => {
  hangUp();
  await listener?.close();
  secured = [];
});

async function startTlsReceiver(certificate: TestCertificate, options: TlsOptions = {}): Promise<LoopbackListener> {
  const server = createServer({ ...certificate, ...options }, (socket) => {
    socket.on("error", () => undefined);
    secured.push(socket);
  });
  server.on("tlsClientError", () => undefined);
  listener = await listen(server);
  return listener;
}

function connectorTo(options: GuardedConnectorOptions = {}) {
  const lookup = lookupAnswering(["127.0.0.1"]);
  return createGuardedConnector(policy, { lookup, caCertificates: [authority.cert], ...options });
}

test("a certificate for the name is accepted although an address is dialled", async () => {
  const { port } = await startTlsReceiver(authority.issue([NAME]));
  const { socket } = await dial(connectorTo(), `https://${NAME}:${port}/`);
  expect(socket).toMatchObject({ encrypted: true, authorized: true, remoteAddress: "127.0.0.1" });
});

test("the name of the URL is sent as server name, whatever a header says, and without a trailing dot", async () => {
  const names: string[] = [];
  const { port } = await startTlsReceiver(authority.issue([NAME]), {
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  for (const host of [NAME, `${NAME}.`]) {
    const { socket } = await dial(connectorTo(), `https://${host}:${port}/`);
    expect(socket).toBeDefined();
  }
  expect(names).toEqual([NAME, NAME]);
});

test("a request goes through a pool", async () => {
  const server = createHttpsServer(authority.issue([NAME]), (request, response) => response.end(request.headers.host));
  listener = await listen(server);
  const pool = new Pool(`https://${NAME}:${listener.port}`, { connect: connectorTo() });
  const response = await pool.request({ method: "POST", path: "/", body: "{}" });
  await expect(response.body.text()).resolves.toBe(`${NAME}:${listener.port}`);
  await pool.close();
});

test.each<readonly [string, () => TestCertificate]>([
  ["has expired", () => authority.issue([NAME], yearsFromNow(-2, -1))],
  ["is not valid yet", () => authority.issue([NAME], yearsFromNow(1, 2))],
  ["is self-signed", () => createSelfSigned([NAME])],
  ["is for another name", () => authority.issue(["other.acme.com"])],
  ["is for the address dialled only", () => authority.issue(["127.0.0.1"])],
  ["is for a parent domain", () => authority.issue(["*.com", "acme.com"])],
  ["comes from an unknown authority", () => stranger.issue([NAME])],
])("a certificate that %s is tls_invalid_certificate, and the connection is closed", async (_, certificate) => {
  const receiver = await startTlsReceiver(certificate());
  const result = await dial(connectorTo(), `https://${NAME}:${receiver.port}/`);
  expect(result.code).toBe("tls_invalid_certificate");
  await receiver.allClosed();
  expect(secured.map((socket) => socket.bytesRead)).toEqual(secured.map(() => 0));
});

test("a private authority is trusted only when it is named", async () => {
  const { port } = await startTlsReceiver(authority.issue([NAME]));
  const connector = createGuardedConnector(policy, { lookup: lookupAnswering(["127.0.0.1"]) });
  await expect(dial(connector, `https://${NAME}:${port}/`)).resolves.toMatchObject({ code: "tls_invalid_certificate" });
});

test("an address in the URL needs a certificate for that address", async () => {
  const { port } = await startTlsReceiver(authority.issue(["127.0.0.1"]));
  const { socket } = await dial(connectorTo(), `https://127.0.0.1:${port}/`);
  expect(socket).toMatchObject({ authorized: true });
  await listener?.close();
  const other = await startTlsReceiver(authority.issue(["127.0.0.2", "localhost"]));
  await expect(dial(connectorTo(), `https://127.0.0.1:${other.port}/`)).resolves.toMatchObject({
    code: "tls_invalid_certificate",
  });
});

test("a receiver that speaks TLS 1.1 at most is tls_handshake_failed, one with TLS 1.2 is accepted", async () => {
  const certificate = authority.issue([NAME]);
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const { port } = await startTlsReceiver(certificate, old);
  await expect(willing(port, old)).resolves.toBe("TLSv1.1");
  await expect(dial(connectorTo(), `https://${NAME}:${port}/`)).resolves.toMatchObject({
    code: "tls_handshake_failed",
  });
  await listener?.close();

  const current = await startTlsReceiver(certificate, { maxVersion: "TLSv1.2" });
  const { socket } = await dial(connectorTo(), `https://${NAME}:${current.port}/`);
  expect(socket).toMatchObject({ authorized: true });
});

test("nothing below TLS 1.2 is offered", async () => {
  let hello = "";
  listener = await startListener((socket) => {
    socket.once("data", (data) => {
      hello = data.toString("hex");
      socket.destroy();
    });
  });
  await dial(connectorTo(), `https://${NAME}:${listener.port}/`);
  // RFC 8446 §4.2.1: supported_versions (43), five bytes, four of them a list of 1.3 and 1.2.
  expect(hello).toContain("002b00050403040303");
});

test.each<readonly [string, (socket: Socket) => void]>([
  ["speaks plain HTTP", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["hangs up", (socket) => socket.once("data", () => socket.destroy())],
  ["resets the connection", (socket) => socket.once("data", () => socket.resetAndDestroy())],
])("a receiver that %s in the handshake is tls_handshake_failed", async (_, misbehave) => {
  listener = await startListener(misbehave);
  await expect(dial(connectorTo(), `https://${NAME}:${listener.port}/`)).resolves.toMatchObject({
    code: "tls_handshake_failed",
  });
});

test("a handshake that never ends is a timeout, and the connection is closed", async () => {
  const receiver = await startListener((socket) => socket.resume());
  listener = receiver;
  const connector = connectorTo({ tlsTimeoutMs: 100 });
  await expect(dial(connector, `https://${NAME}:${receiver.port}/`)).resolves.toMatchObject({ code: "timeout" });
  await receiver.allClosed();
});

/** The version a client gets that takes anything: without it, a test of refusal proves nothing. */
function willing(port: number, options: SecureContextOptions): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once("error", reject);
  });
}
