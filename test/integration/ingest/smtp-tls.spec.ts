import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testBrokers } from "@waggle/testing";
import { createTransport } from "nodemailer";
import { createSelfSigned } from "../egress/test-certificates";
import { Broker } from "./broker";
import { RunningIngest } from "./running-ingest";
import { SmtpClient } from "./smtp-client";
import { uniqueTenant } from "./valid-events";

jest.setTimeout(60_000);

const tenant = uniqueTenant();
let directory: string;
let broker: Broker;
let ingest: RunningIngest;
let to: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "waggle-smtp-"));
  const tls = { certFile: join(directory, "tls.crt"), keyFile: join(directory, "tls.key") };
  const { cert, key } = createSelfSigned(["in.localhost"]);
  await Promise.all([writeFile(tls.certFile, cert), writeFile(tls.keyFile, key)]);
  broker = await Broker.at(testBrokers());
  to = `${await broker.addAddress(tenant)}@in.localhost`;
  ingest = await RunningIngest.start({ brokers: testBrokers() }, { smtp: { tls, maxConnectionsPerAddress: 2 } });
});

afterAll(async () => {
  await ingest?.stop();
  await broker?.close();
  await rm(directory, { recursive: true, force: true });
});

/** A session that has been secured and greeted again. */
async function secured(): Promise<SmtpClient> {
  const client = await SmtpClient.at(ingest.smtpPort);
  expect(await client.say("EHLO client")).toContain("250-STARTTLS");
  expect(await client.say("STARTTLS")).toMatch(/^220/);
  await client.startTls();
  return client;
}

describe("STARTTLS, when there is a certificate", () => {
  it("secures what mail clients send", async () => {
    const transport = createTransport({
      host: "127.0.0.1",
      port: ingest.smtpPort,
      requireTLS: true,
      tls: { rejectUnauthorized: false },
    });
    await transport.sendMail({ from: "a@example.com", to, subject: "secured", text: "." });
    transport.close();
    expect(await broker.storedMail(tenant)).toHaveLength(1);
  });

  it("is offered, not required, and not twice", async () => {
    const plain = await SmtpClient.at(ingest.smtpPort);
    await plain.envelope([to]);
    plain.vanish();
    const client = await secured();
    expect(await client.say("EHLO client")).not.toContain("STARTTLS");
    expect(await client.say("STARTTLS")).toMatch(/^503/);
    client.vanish();
  });

  it("forgets what was said in the clear, before and behind it", async () => {
    const client = await SmtpClient.at(ingest.smtpPort);
    await client.envelope([to]);
    client.send("STARTTLS\r\nNOOP\r\n");
    expect(await client.reply()).toMatch(/^220/);
    await client.startTls();
    expect(await client.say("DATA")).toMatch(/^503/);
    client.vanish();
  });

  it("keeps the rule on line endings", async () => {
    const client = await secured();
    await client.envelope([to]);
    expect(await client.message("Subject: bare\r\n\r\none\ntwo")).toMatch(/^550 5\.5\.2 /);
    await client.closed();
  });

  it("counts a connection once, and until it ends", async () => {
    for (let round = 0; round < 5; round++) {
      const clients = [await secured(), await secured()];
      expect(await SmtpClient.silent(ingest.smtpPort).reply()).toMatch(/^421 4\.7\.0 /);
      for (const client of clients) {
        expect(await client.say("QUIT")).toMatch(/^221/);
        await client.closed();
      }
    }
  });
});
