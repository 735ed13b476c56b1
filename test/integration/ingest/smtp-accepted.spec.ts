import { setTimeout as sleep } from "node:timers/promises";
import { testBrokers } from "@waggle/testing";
import { createTransport } from "nodemailer";
import { Broker } from "./broker";
import { RunningIngest } from "./running-ingest";
import { SmtpClient } from "./smtp-client";
import { several, uniqueTenant } from "./valid-events";

jest.setTimeout(120_000);

const MIB = 1_048_576;
const ULID = /^evt_[0-9A-HJKMNP-TV-Z]{26}$/;
const tenant = uniqueTenant();
const otherTenant = uniqueTenant();
let broker: Broker;
let ingest: RunningIngest;
let hash: string;
let otherHash: string;

beforeAll(async () => {
  broker = await Broker.at(testBrokers());
  hash = await broker.addAddress(tenant);
  otherHash = await broker.addAddress(otherTenant);
  ingest = await RunningIngest.start({ brokers: testBrokers() }, { mailMemoryBytes: 256 * MIB });
});

afterAll(async () => {
  await ingest?.stop();
  await broker?.close();
});

const address = (of: string) => `${of}@in.localhost`;

/** What was stored for `tenant` of one message, found again by its subject. */
async function storedBySubject(subject: string) {
  return (await broker.storedMail(tenant)).filter(({ raw }) => raw.includes(`Subject: ${subject}\r\n`));
}

describe("the SMTP server", () => {
  it("stores what a mail client sends, byte for byte, before it says 250", async () => {
    const before = Date.now();
    const client = await SmtpClient.at(ingest.smtpPort);
    await client.envelope([address(hash)], "sender@example.com");
    const raw = "Subject: exactly\r\n\r\nbytes \xe9\x00\xff, and a line of a dot:\r\n.\r\n..\r\nend\r\n";
    const reply = await client.message(Buffer.from(raw.replaceAll("\r\n.", "\r\n..").slice(0, -2), "latin1"));
    expect(reply).toMatch(/^250 2\.6\.0 accepted as evt_/);
    const [mail, ...others] = await storedBySubject("exactly");
    expect(others).toEqual([]);
    expect(mail).toEqual({
      id: expect.stringMatching(ULID),
      tenant_id: tenant,
      hash,
      accepted_at: expect.any(Number),
      sender: "sender@example.com",
      bounce: false,
      recipient: address(hash),
      door: "smtp",
      raw: Buffer.from(raw, "latin1"),
    });
    expect(reply).toContain(mail?.id);
    expect(mail?.accepted_at).toBeGreaterThanOrEqual(before);
    expect(await client.say("QUIT")).toMatch(/^221/);
    await client.closed();
  });

  it("undoes dot-stuffing wherever the bytes are cut, the end of the message included", async () => {
    const raw = "Subject: cut anywhere\r\n\r\n.\r\n..\r\n.a\r\n\r\na.\r\n.\r\n";
    const sent = `${raw.replaceAll("\r\n.", "\r\n..")}.\r\n`;
    const client = await SmtpClient.at(ingest.smtpPort);
    for (let cut = 1; cut < sent.length; cut++) {
      await client.envelope([address(hash)]);
      await client.say("DATA");
      client.send(sent.slice(0, cut));
      await sleep(3);
      client.send(sent.slice(cut));
      expect(await client.reply()).toMatch(/^250/);
    }
    client.vanish();
    const stored = (await storedBySubject("cut anywhere")).map((mail) => String(mail.raw));
    expect(stored).toEqual(several(sent.length - 1, () => raw));
  });

  it("announces what it can and nothing else", async () => {
    const client = await SmtpClient.at(ingest.smtpPort);
    const lines = (await client.say("EHLO client")).split("\r\n").map((line) => line.slice(4));
    expect(lines).toEqual(["in.localhost", "PIPELINING", "8BITMIME", "SMTPUTF8", `SIZE ${10 * MIB}`]);
    client.vanish();
  });

  it("takes a bounce, and marks it", async () => {
    const client = await SmtpClient.at(ingest.smtpPort);
    await client.envelope([address(hash)], "");
    expect(await client.message("Subject: null sender\r\n\r\n")).toMatch(/^250/);
    expect(await storedBySubject("null sender")).toMatchObject([{ sender: null, bounce: true }]);
    client.vanish();
  });

  it("takes several messages on one connection, also from a client that does not wait for replies", async () => {
    const client = await SmtpClient.at(ingest.smtpPort);
    await client.say("EHLO client");
    const transaction = (subject: string) =>
      `MAIL FROM:<a@example.com>\r\nRCPT TO:<${address(hash)}>\r\nDATA\r\nSubject: ${subject}\r\n\r\n.\r\n`;
    client.send(transaction("pipelined 1") + transaction("pipelined 2"));
    const replies = [];
    for (let count = 0; count < 8; count++) replies.push((await client.reply()).slice(0, 3));
    expect(replies).toEqual(["250", "250", "354", "250", "250", "250", "354", "250"]);
    expect(await storedBySubject("pipelined 1")).toHaveLength(1);
    expect(await storedBySubject("pipelined 2")).toHaveLength(1);
    client.vanish();
  });

  it("reaches several tenants in one transaction, with an event for each recipient", async () => {
    const client = await SmtpClient.at(ingest.smtpPort);
    await client.envelope([address(hash), address(otherHash), address(hash)]);
    expect(await client.message("Subject: to both\r\n\r\n")).toMatch(/^250 2\.6\.0 accepted as evt_\w+ and 1 more/);
    const own = await storedBySubject("to both");
    const others = await broker.storedMail(otherTenant);
    expect([own.length, others.length]).toEqual([1, 1]);
    expect(others).toMatchObject([{ hash: otherHash, recipient: address(otherHash) }]);
    expect(others[0]?.id).not.toBe(own[0]?.id);
    client.vanish();
  });

  it("knows its domain and its hashes in any case", async () => {
    const client = await SmtpClient.at(ingest.smtpPort);
    await client.envelope([`${hash.toUpperCase()}@IN.LocalHost`]);
    expect(await client.message("Subject: shouting\r\n\r\n")).toMatch(/^250/);
    expect(await storedBySubject("shouting")).toMatchObject([
      { hash, recipient: `${hash.toUpperCase()}@IN.LocalHost` },
    ]);
    client.vanish();
  });

  it("takes a message of 10 MiB for several recipients", async () => {
    const recipients = [hash, ...(await Promise.all(several(3, () => broker.addAddress(tenant))))];
    const client = await SmtpClient.at(ingest.smtpPort);
    const raw = Buffer.alloc(10 * MIB, "Subject: huge\r\n\r\n0123456789012345678901234567890123456789012345678\r\n");
    raw.write("\r\n", raw.length - 2);
    await client.envelope(recipients.map(address));
    expect(await client.message(raw.subarray(0, -2))).toMatch(/^250/);
    const stored = await storedBySubject("huge");
    expect(stored.map((mail) => mail.hash).toSorted()).toEqual(recipients.toSorted());
    for (const mail of stored) expect(mail.raw.equals(raw)).toBe(true);
    client.vanish();
  });

  it("takes what nodemailer sends, from hundreds of clients at once", async () => {
    const sent = several(300, (index) => `crowd ${index}`);
    const send = async (subject: string) => {
      const transport = createTransport({ host: "127.0.0.1", port: ingest.smtpPort, ignoreTLS: true });
      const text = `.hidden\n..dots\n${"x".repeat(Number(subject.slice(6)) * 100)}`;
      const { accepted } = await transport.sendMail({ from: "a@example.com", to: address(hash), subject, text });
      expect(accepted).toEqual([address(hash)]);
      transport.close();
    };
    await Promise.all(sent.map(send));
    const stored = (await broker.storedMail(tenant)).map(
      ({ raw }) => /^Subject: (crowd \d+)\r$/m.exec(String(raw))?.[1],
    );
    const crowd = stored.filter((subject) => subject !== undefined);
    expect(crowd.toSorted()).toEqual(sent.toSorted());
  });

  it("counts its sessions by what became of them", async () => {
    expect(await ingest.metrics()).toMatch(/^waggle_smtp_sessions_total\{result="accepted"\} 30\d$/m);
  });
});
