import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { Database } from "@waggle/postgres";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { type BlobPart, blobKey } from "../../../apps/health/src/observe/inbound/blob-key";
import type { OpenBlob } from "../../../apps/health/src/observe/inbound/ports";
import { FolderBlobs } from "../../../apps/health/src/out/mail/blobs.folder";
import { storeMail } from "../authorisation/store-mail";
import { ADMIN_TOKEN, RunningHealth } from "../manage/running-health";
import { type OpenLog, openLog } from "../observe/open-log";
import { ReflectedClient, type RpcAnswer, type RpcAsked } from "./reflected-client";

jest.setTimeout(60_000);

interface Mail {
  readonly id: string;
  readonly accepted_at: number;
}

let database: TestDatabase;
let connection: Database;
let log: OpenLog;
let directory: string;
let health: RunningHealth;
let rpc: ReflectedClient;
let own: { id: string; key: string };
let other: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), "downloads-"));
  health = await RunningHealth.withoutKafka(database.url, { BLOB_DIR: directory });
  connection = new Database({ url: database.url, logger: { info: () => {}, warn: () => {} } });
  log = openLog(connection);
  own = await health.tenant();
  other = await health.tenant();
  rpc = await ReflectedClient.connect(health.grpcAddress, own.key);
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  rpc.close();
  await connection.close();
  await health.stop();
  await database.drop();
  await rm(directory, { recursive: true });
});

/** More than a message of gRPC may be, and no multiple of anything. */
const RAW = randomBytes(5 * 1_048_576 + 7);
const PDF = { name: "Größe.pdf", content_type: "application/pdf", content: randomBytes(200_001) };
const EMPTY = { name: null, content_type: "text/plain", content: Buffer.alloc(0) };
const PAGE = { name: "page.html", content_type: "text/html", content: Buffer.from("<script>alert(1)</script>") };

function aMail(): Promise<Mail> {
  const mail = { tenant_id: own.id, hash: "k3v7q2mzb4xw6hd5t7rcn2pyfa3sj6ue", mark: "mail", raw: RAW };
  return storeMail({ log, blobs: new FolderBlobs(directory) }, { ...mail, attachments: [PDF, EMPTY, PAGE] });
}

interface Downloaded {
  readonly ended: RpcAnswer | "OK";
  readonly content: Buffer;
  readonly pieces: number;
}

async function download(method: string, request: JsonObject, asked: RpcAsked = {}): Promise<Downloaded> {
  const stream = rpc.stream(`Inbound/${method}`, request, asked);
  const ended = await stream.end();
  const content = Buffer.concat(stream.seen.map((piece) => Buffer.from(String(piece.content ?? ""), "base64")));
  return { ended, content, pieces: stream.seen.length };
}

async function overHttp(path: string): Promise<{ readonly headers: Headers; readonly content: Buffer }> {
  const headers = { authorization: `Bearer ${own.key}` };
  const answer = await fetch(`${health.url}/v1/inbound-messages/${path}`, { headers });
  return { headers: answer.headers, content: Buffer.from(await answer.arrayBuffer()) };
}

const pathOf = (mail: Mail, part: BlobPart) => join(directory, blobKey(mail, part));

test("the source comes in pieces, in order, to the bytes that came in and that HTTP serves", async () => {
  const mail = await aMail();
  const { ended, content, pieces } = await download("DownloadRaw", { id: mail.id });
  expect(ended).toBe("OK");
  expect(content.equals(RAW)).toBe(true);
  expect(content.equals((await overHttp(`${mail.id}/raw`)).content)).toBe(true);
  expect(pieces).toBeGreaterThan(5);
});

test.each([
  [0, PDF, "application/pdf", "filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf"],
  [1, EMPTY, "text/plain", `filename="attachment-1"`],
  // What a browser would run has its own type only where no browser asks.
  [2, PAGE, "application/octet-stream", `filename="page.html"`],
])("attachment %i is the one that HTTP serves; its name and type are the message's", async (n, sent, type, named) => {
  const mail = await aMail();
  const { ended, content } = await download("DownloadAttachment", { id: mail.id, n });
  expect(ended).toBe("OK");
  expect(content.equals(sent.content)).toBe(true);
  const http = await overHttp(`${mail.id}/attachments/${n}`);
  expect(content.equals(http.content)).toBe(true);
  expect(http.headers.get("content-type")).toBe(type);
  expect(http.headers.get("content-disposition")).toContain(named);

  const { message } = await rpc.expect("Inbound/GetMessage", { id: mail.id });
  expect(attachmentsOf(message)[n]).toEqual({
    ...(n === 0 ? {} : { n }),
    ...(sent.name === null ? {} : { name: sent.name }),
    ...(content.length === 0 ? {} : { content_length: content.length }),
    content_type: sent.content_type,
  });
});

test("without a place it is the first attachment", async () => {
  const { id } = await aMail();
  expect((await download("DownloadAttachment", { id })).content.equals(PDF.content)).toBe(true);
});

test("what is not there, or not any more, is not found", async () => {
  const mail = await aMail();
  const notFound = (thing: string) => ({
    ended: { status: "NOT_FOUND", text: `there is no such ${thing}`, details: { ErrorInfo: { reason: "not_found" } } },
    pieces: 0,
  });
  expect(await download("DownloadRaw", { id: "evt_none" })).toMatchObject(notFound("inbound message"));
  expect(await download("DownloadAttachment", { id: "evt_none" })).toMatchObject(notFound("inbound message"));
  for (const n of [3, -1, 2_147_483_647]) {
    expect(await download("DownloadAttachment", { id: mail.id, n })).toMatchObject(notFound("attachment"));
  }
  await rm(pathOf(mail, "raw"));
  await rm(pathOf(mail, 0));
  expect(await download("DownloadRaw", { id: mail.id })).toMatchObject(notFound("inbound message"));
  expect(await download("DownloadAttachment", { id: mail.id, n: 0 })).toMatchObject(notFound("attachment"));
  expect(await download("DownloadAttachment", { id: mail.id, n: 2 })).toMatchObject({ ended: "OK", pieces: 1 });
});

test("another tenant's message is an unknown one, and the operator may name its tenant", async () => {
  const { id } = await aMail();
  for (const method of ["DownloadRaw", "DownloadAttachment"]) {
    const unknown = await download(method, { id: "evt_none" }, { token: other.key });
    expect(await download(method, { id }, { token: other.key })).toEqual(unknown);
    expect(await download(method, { id, tenant_id: other.id }, { token: ADMIN_TOKEN })).toEqual(unknown);
    const named = await download(method, { id, tenant_id: own.id }, { token: ADMIN_TOKEN });
    expect(named).toMatchObject({ ended: "OK" });
    expect(named.content.equals(method === "DownloadRaw" ? RAW : PDF.content)).toBe(true);
  }
});

test("content that breaks off never ends well", async () => {
  const mail = await aMail();
  // Opens as a file does, and cannot be read.
  await rm(pathOf(mail, "raw"));
  await mkdir(pathOf(mail, "raw"));
  expect(await download("DownloadRaw", { id: mail.id })).toMatchObject({
    ended: { status: "UNAVAILABLE", details: { ErrorInfo: { reason: "blob_store_unavailable" } } },
    pieces: 0,
  });
});

test("who leaves has nothing kept open", async () => {
  const { id } = await aMail();
  const opened: OpenBlob[] = [];
  const open = FolderBlobs.prototype.open;
  jest.spyOn(FolderBlobs.prototype, "open").mockImplementation(async function (this: FolderBlobs, key) {
    const blob = await open.call(this, key);
    if (blob) opened.push(blob);
    return blob;
  });
  const stream = rpc.stream("Inbound/DownloadRaw", { id });
  await stream.until(1);
  stream.cancel();
  expect(await stream.end()).toMatchObject({ status: "CANCELLED" });
  expect(opened).toHaveLength(1);
  await eventually("the source is closed", () => opened.every(({ content }) => "closed" in content && content.closed));
});

function attachmentsOf(message: JsonValue | undefined): readonly unknown[] {
  const told = typeof message === "object" && message !== null && "attachments" in message ? message.attachments : [];
  return Array.isArray(told) ? told : [];
}
