import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DEAD_LETTERS,
  EMAIL_INBOUND,
  encodeEmailEvent,
  encodeInboundMail,
  type InboundMail,
  TOPICS,
} from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { BatchingProducer, createKafka, ensureTopics } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { anEmailEvent, eventually, TopicTail, testBrokers } from "@waggle/testing";
import { FolderBlobs } from "../../../apps/health/src/out/mail/blobs.folder";
import { S3Blobs } from "../../../apps/health/src/out/mail/blobs.s3";
import { type LogDatabase, openLogDatabase } from "../observe/log-database";
import { type ObserveApp, runObserve } from "../observe/running-observe";
import { startS3 } from "./blob-content";

jest.setTimeout(120_000);

const logger = createLogger("test", "silent");
const kafka = createKafka({ brokers: testBrokers(), ssl: false, sasl: null, clientId: "test", logger });
const producer = new BatchingProducer({ kafka, logger });

let database: LogDatabase;
let directory: string;
let apps: ObserveApp[];

beforeAll(async () => {
  await ensureTopics(kafka, TOPICS, 1);
  await producer.connect();
});
afterAll(() => producer.disconnect());
beforeEach(async () => {
  database = await openLogDatabase();
  directory = await mkdtemp(join(tmpdir(), "mail-"));
  apps = [];
});
afterEach(async () => {
  await Promise.all(apps.map((app) => app.stop()));
  await database.close();
  await rm(directory, { recursive: true, force: true });
});

async function start(blobs: FolderBlobs | S3Blobs = new FolderBlobs(directory)): Promise<ObserveApp> {
  const app = await runObserve({ group: `inbound-${randomUUID()}`, databaseUrl: database.url, blobs });
  apps.push(app);
  return app;
}

const HTML = "<script>alert(1)</script>";
const RAW = Buffer.from(
  [
    "From: =?utf-8?q?J=C3=B6?= <Jo@World.com>",
    "To: someone@in.acme.com",
    "Subject: Hello",
    "Message-Id: <1@world.com>",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "Hi",
    "--b",
    "Content-Type: application/pdf",
    "Content-Disposition: attachment; filename*=utf-8''r%C3%A9ceipt.pdf",
    "Content-Transfer-Encoding: base64",
    "",
    Buffer.from("%PDF-1.4\0\xff", "latin1").toString("base64"),
    "--b",
    "Content-Type: text/html",
    'Content-Disposition: attachment; filename="page.html"',
    "",
    HTML,
    "--b--",
    "",
  ].join("\r\n"),
);

function aMail(over: Partial<InboundMail> = {}): InboundMail {
  return {
    id: `evt_${randomUUID()}`,
    tenant_id: "ten_1",
    hash: "k3v7q2mzb4xw6hd5t7rcn2pyfa3sj6ue",
    accepted_at: Date.now(),
    sender: "bounces@world.com",
    bounce: false,
    recipient: "K3V7q2mzb4xw6hd5t7rcn2pyfa3sj6ue@in.acme.com",
    door: "smtp",
    raw: RAW,
    ...over,
  };
}

const get = (app: ObserveApp, path: string, token = "one") =>
  fetch(`${app.url}/v1/inbound-messages${path}`, { headers: { authorization: `Bearer ${token}` } });

async function receive(...mails: readonly InboundMail[]): Promise<void> {
  await producer.send(mails.map(encodeInboundMail));
}

function stored(app: ObserveApp, { id }: InboundMail): Promise<Record<string, unknown>> {
  return eventually(
    "the message",
    async () => {
      const response = await get(app, `/${id}`, "operator");
      return response.ok && ((await response.json()) as Record<string, unknown>);
    },
    30_000,
  );
}

async function idsAt(app: ObserveApp, query: string, token = "one"): Promise<string[]> {
  const { items } = (await (await get(app, query, token)).json()) as { items: { id: string }[] };
  return items.map(({ id }) => id);
}

it("keeps a message as it was read, its source and its attachments", async () => {
  const app = await start();
  const mail = aMail();
  await receive(mail);
  expect(await stored(app, mail)).toEqual({
    id: mail.id,
    tenant_id: "ten_1",
    hash: mail.hash,
    to: `${mail.hash}@in.acme.com`,
    envelope_sender: "bounces@world.com",
    bounce: false,
    door: "smtp",
    accepted_at: new Date(mail.accepted_at).toISOString(),
    from: "Jo@World.com",
    from_name: "Jö",
    subject: "Hello",
    size: RAW.length,
    attachment_count: 2,
    parse_error: null,
    message_id: "<1@world.com>",
    html_body: null,
    text_body: "Hi",
    headers: expect.arrayContaining([{ name: "Subject", value: "Hello" }]),
    attachments: [
      { n: 0, name: "réceipt.pdf", content_type: "application/pdf", content_length: 10 },
      { n: 1, name: "page.html", content_type: "text/html", content_length: HTML.length },
    ],
  });

  const raw = await get(app, `/${mail.id}/raw`);
  expect(Buffer.from(await raw.arrayBuffer()).equals(RAW)).toBe(true);
  expect(Object.fromEntries(raw.headers)).toMatchObject({
    "content-type": "message/rfc822",
    "content-length": String(RAW.length),
    "content-disposition": `attachment; filename="${mail.id}.eml"; filename*=UTF-8''${mail.id}.eml`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  });

  const pdf = await get(app, `/${mail.id}/attachments/0`);
  expect(Buffer.from(await pdf.arrayBuffer()).toString("latin1")).toBe("%PDF-1.4\0\xff");
  expect(pdf.headers.get("content-type")).toBe("application/pdf");
  expect(pdf.headers.get("content-disposition")).toContain("filename*=UTF-8''r%C3%A9ceipt.pdf");

  const page = await get(app, `/${mail.id}/attachments/1`);
  expect(await page.text()).toBe(HTML);
  expect(page.headers.get("content-type")).toBe("application/octet-stream");
});

it("shows another tenant nothing, and says the same of what never was", async () => {
  const app = await start();
  const mail = aMail();
  await receive(mail);
  await stored(app, mail);
  for (const path of [`/${mail.id}`, `/${mail.id}/raw`, `/${mail.id}/attachments/0`]) {
    expect((await get(app, path, "two")).status).toBe(404);
    expect((await get(app, path, "publisher")).status).toBe(403);
    expect((await get(app, path)).status).toBe(200);
  }
  for (const path of ["/evt_none", "/evt_none/raw", `/${mail.id}/attachments/2`, `/${mail.id}/attachments/x`]) {
    expect((await get(app, path)).status).toBe(404);
  }
  expect(await idsAt(app, "", "two")).toEqual([]);
});

it("finds messages by address, sender and time, page by page", async () => {
  const app = await start();
  // Mail of the other tests is in the topic too.
  const at = Date.now() - 3_600_000;
  const since = `since=${new Date(at).toISOString()}`;
  const until = `until=${new Date(at + 60_000).toISOString()}`;
  const found = (query: string) => idsAt(app, `?${query}&${since}&${until}`);
  const raw = Buffer.from("From: other@world.com\r\n\r\nHi");
  const [first, second, third] = [
    aMail({ accepted_at: at }),
    aMail({ accepted_at: at + 1_000, hash: "another", recipient: "another@in.acme.com", sender: null, bounce: true }),
    aMail({ accepted_at: at + 2_000, raw, door: "http", sender: null }),
  ] as const;
  await receive(first, second, third);
  for (const mail of [first, second, third]) await stored(app, mail);
  const after = new Date(at + 1_000).toISOString();
  expect(await found("limit=10")).toEqual([third.id, second.id, first.id]);
  expect(await found("address=ANOTHER@in.acme.com")).toEqual([second.id]);
  expect(await found("address=another")).toEqual([second.id]);
  expect(await found("sender=jo@world.COM")).toEqual([second.id, first.id]);
  expect(await found("sender=bounces@world.com")).toEqual([first.id]);
  expect(await idsAt(app, `?since=${after}&${until}`)).toEqual([third.id, second.id]);
  expect(await idsAt(app, `?${since}&until=${after}`)).toEqual([first.id]);
  const page = (await (await get(app, `?limit=2&${until}`)).json()) as { next_cursor: string };
  expect(await idsAt(app, `?limit=2&${since}&${until}&cursor=${page.next_cursor}`)).toEqual([first.id]);
  expect((await get(app, "?sender=")).status).toBe(422);
  expect((await get(app, "?folder=spam")).status).toBe(422);
});

it("keeps what can only be read in part, and says so", async () => {
  const app = await start();
  const mails = [Buffer.alloc(0), Buffer.from([0, 255, 10]), Buffer.from("Subject: \0x\n\nbody \0")];
  const received = mails.map((raw) => aMail({ raw, sender: null }));
  await receive(...received);
  for (const mail of received) {
    expect(await stored(app, mail)).toMatchObject({ size: mail.raw.length });
    expect(Buffer.from(await (await get(app, `/${mail.id}/raw`)).arrayBuffer()).equals(mail.raw)).toBe(true);
  }
});

it("stores each message once, however often the topic is read, and an event for it", async () => {
  const first = await start();
  const mail = aMail();
  await receive(mail);
  await stored(first, mail);
  const rows = () => database.rows("SELECT * FROM inbound_messages ORDER BY event_id");
  const before = await rows();
  const second = await start();
  const later = aMail();
  await receive(later);
  await stored(second, later);
  // Other specs write to the same topic meanwhile.
  const known = new Set(before.map(({ event_id }) => event_id));
  expect((await rows()).filter(({ event_id }) => known.has(event_id))).toEqual(before);
  const [event] = await database.rows("SELECT * FROM events WHERE event_id = $1", [mail.id]);
  expect(event).toMatchObject({ tenant_id: "ten_1", event_type: "inbound", email_id: "", tags: [] });
});

it("waits for blobs that cannot be kept, while events are stored", async () => {
  class Away extends FolderBlobs {
    isAway = true;

    override async put(key: string, content: Uint8Array): Promise<void> {
      if (this.isAway) throw new WaggleError("blob_store_unavailable", "away");
      return super.put(key, content);
    }
  }
  const blobs = new Away(directory);
  const app = await start(blobs);
  const mail = aMail();
  await receive(mail);
  const event = anEmailEvent({ id: `evt_${randomUUID()}`, tenant_id: "ten_1", accepted_at: Date.now() });
  await producer.send([encodeEmailEvent(event)]);
  await eventually("the event", async () => {
    return (await database.rows("SELECT FROM events WHERE event_id = $1", [event.id])).length === 1;
  });
  expect((await get(app, `/${mail.id}`)).status).toBe(404);
  blobs.isAway = false;
  await stored(app, mail);
});

it("keeps large content in a bucket", async () => {
  const { options, close } = await startS3();
  const blobs = new S3Blobs(options);
  const app = await start(blobs);
  const mail = aMail();
  await receive(mail);
  await stored(app, mail);
  expect(Buffer.from(await (await get(app, `/${mail.id}/raw`)).arrayBuffer()).equals(RAW)).toBe(true);
  await close();
  const answer = await get(app, `/${mail.id}/raw`);
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: "blob_store_unavailable" }]);
  blobs.close();
});

it("puts what is no message to the dead letters, and stores its neighbours", async () => {
  const app = await start();
  const letters = await TopicTail.open(kafka, [DEAD_LETTERS]);
  const mail = aMail({ hash: `bad-${randomUUID()}` });
  const escaping = encodeInboundMail({ ...mail, id: "../../x" });
  await producer.send([{ topic: EMAIL_INBOUND, key: mail.hash, value: Buffer.from("x") }, escaping]);
  await receive(mail);
  await stored(app, mail);
  await eventually("two dead letters", () => {
    return letters.records.filter(({ key }) => key?.toString() === mail.hash).length >= 2;
  });
  await letters.close();
});
