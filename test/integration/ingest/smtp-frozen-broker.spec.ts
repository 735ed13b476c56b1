import { eventually, PrivateBroker } from "@waggle/testing";
import { Broker } from "./broker";
import { RunningIngest } from "./running-ingest";
import { SmtpClient } from "./smtp-client";
import { several, uniqueTenant } from "./valid-events";

jest.setTimeout(120_000);

/** As for events: the freeze below outlasts several of the producer's tries. */
const REQUEST_TIMEOUT_MS = 500;

const tenant = uniqueTenant();
let kafka: PrivateBroker;
let broker: Broker;
let ingest: RunningIngest;
let hashes: string[];

beforeAll(async () => {
  kafka = await PrivateBroker.start();
  broker = await Broker.at(kafka.brokers);
  hashes = await Promise.all(several(3, () => broker.addAddress(tenant)));
  ingest = await RunningIngest.start({ brokers: kafka.brokers, requestTimeoutMs: REQUEST_TIMEOUT_MS });
});

afterAll(async () => {
  kafka?.thaw();
  await ingest?.stop();
  await broker?.close();
  await kafka?.close();
});

/** One message to all addresses, in a session of its own. */
async function send(subject: string): Promise<{ subject: string; reply: string; ms: number }> {
  const client = await SmtpClient.at(ingest.smtpPort);
  await client.envelope(hashes.map((hash) => `${hash}@in.localhost`));
  const startedAt = performance.now();
  const reply = await client.message(`Subject: ${subject}\r\n\r\n${"x".repeat(60_000)}`);
  client.vanish();
  return { subject, reply, ms: performance.now() - startedAt };
}

function subjectIn(raw: Buffer): string | undefined {
  return /Subject: (.*)\r/.exec(String(raw))?.[1];
}

describe("the SMTP server on a broker that freezes in the middle of transactions", () => {
  it("says 451 within 5.5 s, comes back, and has stored for everybody what it said 250 to", async () => {
    const sent = [];
    const underWay = await SmtpClient.at(ingest.smtpPort);
    await underWay.envelope(hashes.map((hash) => `${hash}@in.localhost`));
    expect(await underWay.say("DATA")).toMatch(/^354/);
    underWay.send("Subject: under way\r\n\r\nhalf");

    sent.push(...(await Promise.all(several(20, (index) => send(`before ${index}`)))));
    kafka.freeze();
    underWay.send("\r\n.\r\n");
    const frozen = await Promise.all(several(20, (index) => send(`frozen ${index}`)));
    sent.push({ subject: "under way", reply: await underWay.reply(), ms: 0 }, ...frozen);
    kafka.thaw();
    await eventually("mail to be accepted again", async () => {
      const one = await send("after");
      return one.reply.startsWith("250");
    });
    sent.push(...(await Promise.all(several(20, (index) => send(`later ${index}`)))));

    for (const { reply } of frozen) expect(reply).toMatch(/^451 4\.3\.0 /);
    // The typical reply: clients and server are one process here, and a busy machine holds up single ones.
    expect(frozen.map(({ ms }) => ms).toSorted((a, b) => a - b)[10]).toBeLessThan(5_500);
    // A record that was written twice, because the first answer never came, has the same id both times.
    const subjectOf = new Map((await broker.storedMail(tenant)).map(({ id, raw }) => [id, subjectIn(raw)]));
    const events = (of: string) => [...subjectOf.values()].filter((each) => each === of).length;
    for (const { subject, reply } of sent) {
      if (reply.startsWith("250")) expect([subject, events(subject)]).toEqual([subject, hashes.length]);
      // What was under way may have been written all the same: for all of them.
      else expect([0, hashes.length]).toContain(events(subject));
    }
    expect(sent.filter(({ reply }) => reply.startsWith("250"))).toHaveLength(40);
    underWay.vanish();
  });
});
