import { setTimeout as sleep } from "node:timers/promises";
import { eventually, testBrokers } from "@waggle/testing";
import { Broker } from "./broker";
import { RunningIngest } from "./running-ingest";
import { SmtpClient } from "./smtp-client";
import { several, uniqueTenant } from "./valid-events";

jest.setTimeout(120_000);

const MIB = 1_048_576;
const tenant = uniqueTenant();
let broker: Broker;
let ingest: RunningIngest;
let hash: string;
let to: string;

beforeAll(async () => {
  broker = await Broker.at(testBrokers());
  hash = await broker.addAddress(tenant);
  to = `${hash}@in.localhost`;
  ingest = await RunningIngest.start(
    { brokers: testBrokers() },
    { smtp: { maxConnectionsPerAddress: 20, idleMs: 1_000 } },
  );
});

afterAll(async () => {
  await ingest?.stop();
  await broker?.close();
});

const client = () => SmtpClient.at(ingest.smtpPort);

/** A client in the middle of a message, its envelope accepted. */
async function inData(): Promise<SmtpClient> {
  const sender = await client();
  await sender.envelope([to]);
  expect(await sender.say("DATA")).toMatch(/^354/);
  return sender;
}

afterEach(async () => {
  expect(await broker.storedMail(tenant)).toEqual([]);
});

describe("the SMTP server refuses", () => {
  it.each([
    ["an unknown hash", () => "0123456789abcdef@in.localhost"],
    ["another domain", () => `${hash}@example.com`],
    ["a domain that ends like ours", () => `${hash}@evil.in.localhost`],
    ["a relay by percent", () => `victim%example.com@in.localhost`],
    ["the postmaster without a domain", () => "postmaster"],
  ])("%s with 550 5.1.1", async (_name, address) => {
    const sender = await client();
    await sender.say("EHLO client");
    await sender.say("MAIL FROM:<a@example.com>");
    expect(await sender.say(`RCPT TO:<${address()}>`)).toMatch(/^550 5\.1\.1 /);
    expect(await sender.say("DATA")).toMatch(/^503/);
    sender.vanish();
  });

  it("an address that was deleted, within 5 s", async () => {
    const gone = await broker.addAddress(tenant);
    const isKnown = async (known: boolean) => {
      const sender = await client();
      const accepted = await sender.envelope([`${gone}@in.localhost`]).then(
        () => true,
        () => false,
      );
      sender.vanish();
      return accepted === known;
    };
    await eventually("the address to be known", () => isKnown(true), 5_000);
    await broker.deleteAddress(gone);
    await eventually("the address to be gone", () => isKnown(false), 5_000);
  });

  it("the 101st recipient with 452, but not one of the 100 again", async () => {
    const hashes = await Promise.all(several(101, () => broker.addAddress(uniqueTenant())));
    const [first, ...others] = hashes.map((each) => `${each}@in.localhost`);
    const last = others.pop();
    await eventually("the addresses to be known", async () => {
      const sender = await client();
      const known = await sender.envelope([String(last)]).then(
        () => true,
        () => false,
      );
      sender.vanish();
      return known;
    });
    const sender = await client();
    await sender.envelope([String(first), ...others]);
    expect(await sender.say(`RCPT TO:<${last}>`)).toMatch(/^452 4\.5\.3 /);
    expect(await sender.say(`RCPT TO:<${first}>`)).toMatch(/^250/);
    sender.vanish();
  });

  it("more recipients than a message of the announced size may have, with 452", async () => {
    const hashes = await Promise.all(several(5, () => broker.addAddress(uniqueTenant())));
    const sender = await client();
    await sender.say("EHLO client");
    await sender.say(`MAIL FROM:<a@example.com> SIZE=${10 * MIB}`);
    const replies = [];
    for (const each of hashes) replies.push((await sender.say(`RCPT TO:<${each}@in.localhost>`)).slice(0, 9));
    expect(replies.map((reply) => reply.slice(0, 3))).toEqual(["250", "250", "250", "250", "452"]);
    sender.vanish();
  });

  it("a message that announces more than 10 MiB, at once", async () => {
    const sender = await client();
    await sender.say("EHLO client");
    expect(await sender.say(`MAIL FROM:<a@example.com> SIZE=${10 * MIB + 1}`)).toMatch(/^552/);
    expect(await sender.say("MAIL FROM:<a@example.com> SIZE=all")).toMatch(/^501/);
    sender.vanish();
  });

  it("a message that has one byte more than 10 MiB, and goes on with the session", async () => {
    const sender = await inData();
    sender.send(`Subject: large\r\n\r\n${"x".repeat(10 * MIB - 18 - 1)}\r\n.\r\n`);
    expect(await sender.reply()).toMatch(/^552 5\.3\.4 /);
    expect(await sender.say("NOOP")).toMatch(/^250/);
    sender.vanish();
  });

  it("a message without end, in the middle", async () => {
    const sender = await inData();
    const line = Buffer.alloc(MIB, `${"x".repeat(62)}\r\n`);
    for (let mib = 0; mib < 24; mib++) sender.send(line);
    expect(await sender.reply()).toMatch(/^552 5\.3\.4 /);
    await sender.closed();
  });

  it.each([
    ["LF", "Subject: x\r\n\r\none\ntwo\r\n.\r\n"],
    ["CR", "Subject: x\r\n\r\none\rtwo\r\n.\r\n"],
    ["LF around the dot", "Subject: x\r\n\r\nend\n.\n"],
    ["LF before the dot", "Subject: x\r\n\r\nend\n.\r\n"],
    ["CR around the dot", "Subject: x\r\n\r\nend\r.\r"],
    ["LF after the dot", "Subject: x\r\n\r\nend\r\n.\n"],
  ])("a message with a bare %s, and whatever is smuggled behind it", async (_name, raw) => {
    const sender = await inData();
    sender.send(`${raw}MAIL FROM:<x@example.com>\r\nRCPT TO:<${to}>\r\nDATA\r\nSubject: smuggled\r\n\r\n.\r\n`);
    expect(await sender.reply()).toMatch(/^550 5\.5\.2 /);
    expect(await sender.reply()).toBe("");
    await sender.closed();
  });

  it("a message whose bare LF comes in a piece of its own", async () => {
    const sender = await inData();
    sender.send("Subject: x\r\n\r\none");
    await sleep(50);
    sender.send("\n.\r\n");
    expect(await sender.reply()).toMatch(/^550 5\.5\.2 /);
    sender.vanish();
  });

  it("commands that end in a bare LF, before it carries them out", async () => {
    const sender = await client();
    sender.send(`EHLO client\nMAIL FROM:<a@example.com>\nRCPT TO:<${to}>\n`);
    expect(await sender.reply()).toMatch(/^550 5\.5\.2 /);
    expect(await sender.reply()).toBe("");
  });

  it("who talks before it is greeted", async () => {
    const sender = SmtpClient.silent(ingest.smtpPort);
    sender.send("EHLO client\r\n");
    expect(await sender.reply()).toMatch(/^421/);
    await sender.closed();
  });

  it.each([
    "AUTH PLAIN AGEAYg==",
    "STARTTLS",
    "XCLIENT ADDR=192.0.2.1",
    "XFORWARD ADDR=192.0.2.1",
    "WIZ x",
    "BDAT 3",
    "TURN",
  ])("%s", async (command) => {
    const sender = await client();
    await sender.say("EHLO client");
    expect(await sender.say(command)).toMatch(/^50\d/);
    sender.vanish();
  });

  it("commands out of order, and goes on", async () => {
    const sender = await client();
    expect(await sender.say("MAIL FROM:<a@example.com>")).toMatch(/^503/);
    await sender.say("EHLO client");
    expect(await sender.say(`RCPT TO:<${to}>`)).toMatch(/^503/);
    expect(await sender.say("DATA")).toMatch(/^503/);
    expect(await sender.say("MAIL FROM:a@example.com")).toMatch(/^501/);
    expect(await sender.say("MAIL FROM:<a@example.com>")).toMatch(/^250/);
    expect(await sender.say("MAIL FROM:<b@example.com>")).toMatch(/^503/);
    expect(await sender.say("VRFY root")).toMatch(/^252/);
    sender.vanish();
  });

  it("lines without end and noise without sense", async () => {
    const endless = await client();
    endless.send("x".repeat(100_000));
    expect(await endless.reply()).toMatch(/^421/);
    const noisy = await client();
    noisy.send(`${"nonsense\r\n".repeat(20)}`);
    let last = "";
    for (let reply = await noisy.reply(); reply !== ""; reply = await noisy.reply()) last = reply;
    expect(last).toMatch(/^421/);
  });

  it("who guesses addresses, in the end", async () => {
    const sender = await client();
    await sender.say("EHLO client");
    await sender.say("MAIL FROM:<a@example.com>");
    for (let guess = 0; guess < 100; guess++) {
      expect(await sender.say(`RCPT TO:<guess${guess}@in.localhost>`)).toMatch(/^550/);
    }
    expect(await sender.say("RCPT TO:<last@in.localhost>")).toMatch(/^421 4\.7\.0 /);
    await sender.closed();
  });

  it("who is silent, between commands and in a message", async () => {
    const between = await client();
    const within = await inData();
    within.send("Subject: half");
    expect(await between.reply()).toMatch(/^421/);
    expect(await within.reply()).toMatch(/^421/);
    await Promise.all([between.closed(), within.closed()]);
  });

  it("the 21st connection from one address where 20 are allowed, until one of them goes", async () => {
    const metric = async () => Number(/sessions_total\{result="limited"\} (\d+)/.exec(await ingest.metrics())?.[1]);
    const before = await metric();
    const open = await eventually("20 free places", async () => {
      const clients = several(20, () => SmtpClient.silent(ingest.smtpPort));
      const greetings = await Promise.all(clients.map((each) => each.reply()));
      if (greetings.every((greeting) => greeting.startsWith("220"))) return clients;
      for (const each of clients) each.vanish();
      return null;
    });
    const limited = await metric();
    const refused = SmtpClient.silent(ingest.smtpPort);
    expect(await refused.reply()).toMatch(/^421 4\.7\.0 /);
    await refused.closed();
    expect(await metric()).toBe(limited + 1);
    expect(limited).toBeGreaterThanOrEqual(before);
    open[0]?.vanish();
    await eventually("the place to be free", async () => {
      const next = SmtpClient.silent(ingest.smtpPort);
      const greeting = await next.reply();
      next.vanish();
      return greeting.startsWith("220");
    });
    for (const each of open) each.vanish();
  });

  it("what it has no memory for with 452, and takes it once memory was given back", async () => {
    const small = await RunningIngest.start({ brokers: testBrokers() }, { mailMemoryBytes: 3 * MIB });
    const elsewhere = `${await broker.addAddress(uniqueTenant())}@in.localhost`;
    const twoMib = Buffer.alloc(2 * MIB, `${"x".repeat(62)}\r\n`);
    const holder = await SmtpClient.at(small.smtpPort);
    await holder.envelope([to]);
    await holder.say("DATA");
    holder.send(twoMib);
    const reply = async () => {
      const sender = await SmtpClient.at(small.smtpPort);
      await sender.envelope([elsewhere]);
      const answer = await sender.message(twoMib.subarray(0, -2));
      sender.vanish();
      return answer;
    };
    await eventually("the memory to be used up", async () => (await reply()).startsWith("452 4.3.1 "));
    holder.vanish();
    await eventually("the memory to be given back", async () => (await reply()).startsWith("250 "));
    await small.stop();
  });

  it("nothing twice: who vanishes in the middle of a message leaves nothing behind", async () => {
    const sender = await inData();
    sender.send("Subject: half a message\r\n\r\nhalf");
    await sleep(50);
    sender.vanish();
    await sleep(200);
    expect(await ingest.metrics()).toMatch(/^waggle_smtp_sessions_total\{result="broken"\} [1-9]/m);
  });
});
