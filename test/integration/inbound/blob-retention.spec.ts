import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WaggleError } from "@waggle/domain";
import { blobKey } from "../../../apps/health/src/observe/inbound/blob-key";
import { BlobRetention } from "../../../apps/health/src/observe/inbound/blob-retention";
import type { Blobs } from "../../../apps/health/src/observe/inbound/ports";
import { FolderBlobs } from "../../../apps/health/src/out/mail/blobs.folder";
import { contentOf } from "./blob-content";

const DAY_MS = 86_400_000;
const NOW = Date.parse("2026-04-17T12:00:00Z");
const RETENTION_DAYS = 30;
/** Nine days longer than a message is shown, as the log's rows. */
const OLDEST_KEPT = "2026-03-09";

let directory: string;
let blobs: FolderBlobs;
let told: object[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "retention-"));
  blobs = new FolderBlobs(directory);
  told = [];
});
afterEach(() => rm(directory, { recursive: true }));

function sweep(of: Pick<Blobs, "groups" | "removeGroup"> = blobs, now = NOW): Promise<void> {
  const logger = { info: (fields: object, event: string) => void told.push({ event, ...fields }) };
  return new BlobRetention({ blobs: of, retentionDays: RETENTION_DAYS, now: () => now, logger }).sweep();
}

/** The source and an attachment of a message that was accepted at a time. */
async function keep(accepted_at: number): Promise<readonly string[]> {
  const keys = (["raw", 0] as const).map((part) => blobKey({ id: `evt_${accepted_at}`, accepted_at }, part));
  for (const key of keys) await blobs.put(key, Buffer.from(key));
  return keys;
}

const entries = async () => (await readdir(directory)).toSorted();

it("removes what is older than the log's rows, to the millisecond of a day's end, and nothing younger", async () => {
  const boundary = Date.parse(OLDEST_KEPT);
  const gone = [...(await keep(boundary - 1)), ...(await keep(boundary - 400 * DAY_MS))];
  const kept = [...(await keep(boundary)), ...(await keep(NOW))];
  await sweep();
  for (const key of gone) expect(await blobs.open(key)).toBeNull();
  for (const key of kept) expect((await contentOf(await blobs.open(key))).toString()).toBe(key);
  expect(await entries()).toEqual([OLDEST_KEPT, "2026-04-17"]);
  expect(told).toEqual([{ event: "inbound.days_removed", days: expect.arrayContaining(["2025-02-02", "2026-03-08"]) }]);
});

it("removes a day once it is over, and again changes nothing", async () => {
  await keep(Date.parse(OLDEST_KEPT));
  const lastMoment = Date.parse("2026-04-18") - 1;
  await sweep(blobs, lastMoment);
  expect(await entries()).toEqual([OLDEST_KEPT]);
  await sweep(blobs, lastMoment + 1);
  await sweep(blobs, lastMoment + 1);
  expect(await entries()).toEqual([]);
  expect(told).toEqual([{ event: "inbound.days_removed", days: [OLDEST_KEPT] }]);
});

it("leaves what a crash left unfinished to the end of its day", async () => {
  for (const day of ["2026-03-08", "2026-04-16"]) {
    await mkdir(join(directory, day, "aa", "evt_aa"), { recursive: true });
    await writeFile(join(directory, day, "aa", "evt_aa", "raw.1.unfinished"), "half of");
  }
  await sweep();
  expect(await entries()).toEqual(["2026-04-16"]);
  expect(await readdir(join(directory, "2026-04-16", "aa", "evt_aa"))).toEqual(["raw.1.unfinished"]);
});

it("leaves alone what is no day of mail", async () => {
  for (const folder of ["lost+found", "2020", "2020-01-01-backup"]) await mkdir(join(directory, folder));
  await writeFile(join(directory, "2020-01-01"), "a file of somebody else");
  const before = await entries();
  await sweep();
  expect(await entries()).toEqual(before);
  expect(told).toEqual([]);
});

it("lets a download that is under way end", async () => {
  const key = blobKey({ id: "evt_aa", accepted_at: 0 }, "raw");
  const content = Buffer.alloc(1_048_576, "0123456789abcdef\n");
  await blobs.put(key, content);
  const opened = await blobs.open(key);
  await sweep();
  expect(await blobs.open(key)).toBeNull();
  expect((await contentOf(opened)).equals(content)).toBe(true);
});

it("is held up for no other by a day that cannot be removed, and says that there was one", async () => {
  class Stuck extends FolderBlobs {
    override async removeGroup(group: string): Promise<void> {
      if (group === "2026-01-02") throw new WaggleError("blob_store_unavailable", "cannot be removed");
      return super.removeGroup(group);
    }
  }
  for (const day of ["2026-01-01", "2026-01-02", "2026-01-03"]) await keep(Date.parse(day));
  await expect(sweep(new Stuck(directory))).rejects.toMatchObject({ code: "blob_store_unavailable" });
  expect(await entries()).toEqual(["2026-01-02"]);
  expect(told).toEqual([{ event: "inbound.days_removed", days: expect.arrayContaining(["2026-01-01", "2026-01-03"]) }]);
  await sweep();
  expect(await entries()).toEqual([]);
});

it("may be done by two processes at once", async () => {
  for (let n = 0; n < 50; n++) await keep(n * 1_000);
  await Promise.all([sweep(), sweep(new FolderBlobs(directory))]);
  expect(await entries()).toEqual([]);
});
