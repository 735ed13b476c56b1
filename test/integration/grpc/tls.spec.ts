import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { createTestAuthority } from "../egress/test-certificates";
import { RunningHealth } from "../manage/running-health";
import { ReflectedClient } from "./reflected-client";

jest.setTimeout(30_000);

const authority = createTestAuthority("waggle's");
const strangers = createTestAuthority("somebody else's");
const server = authority.issue(["127.0.0.1", "localhost"]);
const folder = mkdtempSync(join(tmpdir(), "waggle-grpc-tls-"));

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

function file(name: string, pem: string): string {
  const path = join(folder, name);
  writeFileSync(path, pem);
  return path;
}

const serverFiles = {
  GRPC_TLS_CERT_FILE: file("server.crt", server.cert),
  GRPC_TLS_KEY_FILE: file("server.key", server.key),
};

/** What trusts `ca` and shows a certificate of `client`, or none. */
function channel(ca: string, client?: { readonly cert: string; readonly key: string }): ChannelCredentials {
  const [key, cert] = client ? [Buffer.from(client.key), Buffer.from(client.cert)] : [null, null];
  return credentials.createSsl(Buffer.from(ca), key, cert);
}

/** `OK`, or that no connection came about. */
async function reached(health: RunningHealth, credential: ChannelCredentials): Promise<string> {
  try {
    const { key } = await health.tenant();
    const client = await ReflectedClient.connect(health.grpcAddress.replace("127.0.0.1", "localhost"), key, credential);
    const { status } = await client.call("Webhooks/List");
    client.close();
    return status;
  } catch {
    return "no connection";
  }
}

test("with a certificate gRPC is served by TLS alone", async () => {
  const health = await RunningHealth.withoutKafka(database.url, serverFiles);
  expect(await reached(health, channel(authority.cert))).toBe("OK");
  expect(await reached(health, channel(strangers.cert))).toBe("no connection");
  expect(await reached(health, credentials.createInsecure())).toBe("no connection");
  await health.stop();
});

test("with an authority for clients only those it knows get as far as their token", async () => {
  const environment = { ...serverFiles, GRPC_TLS_CLIENT_CA_FILE: file("clients.crt", authority.cert) };
  const health = await RunningHealth.withoutKafka(database.url, environment);
  expect(await reached(health, channel(authority.cert, authority.issue(["client"])))).toBe("OK");
  expect(await reached(health, channel(authority.cert, strangers.issue(["client"])))).toBe("no connection");
  expect(await reached(health, channel(authority.cert))).toBe("no connection");
  await health.stop();
});

test.each<[string, Record<string, string>]>([
  ["a certificate without its key", { GRPC_TLS_CERT_FILE: "tls.crt" }],
  ["a key without its certificate", { GRPC_TLS_KEY_FILE: "tls.key" }],
  ["an authority for clients without a certificate", { GRPC_TLS_CLIENT_CA_FILE: "ca.crt" }],
])("%s is refused at start", async (_, environment) => {
  await expect(RunningHealth.withoutKafka(database.url, environment)).rejects.toThrow("GRPC_TLS_CERT_FILE");
});
