import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Blobs } from "../../../apps/health/src/observe/inbound/ports";
import { FolderBlobs } from "../../../apps/health/src/out/mail/blobs.folder";
import { S3Blobs } from "../../../apps/health/src/out/mail/blobs.s3";
import { contentOf, startS3 } from "./blob-content";

interface Opened {
  readonly blobs: Blobs;
  close(): Promise<void>;
}

async function folder(): Promise<Opened> {
  const directory = await mkdtemp(join(tmpdir(), "blobs-"));
  return { blobs: new FolderBlobs(join(directory, "new")), close: () => rm(directory, { recursive: true }) };
}

async function bucket(): Promise<Opened> {
  const { options, close } = await startS3();
  const blobs = new S3Blobs(options);
  return {
    blobs,
    close: async () => {
      blobs.close();
      await close();
    },
  };
}

describe.each([
  ["a folder", folder],
  ["a bucket", bucket],
])("blobs in %s", (_, openStore) => {
  let blobs: Blobs;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ blobs, close } = await openStore());
  });
  afterAll(() => close());

  it("are none at first", async () => {
    expect(await blobs.groups()).toEqual([]);
    expect(await blobs.open("2026-04-17/aa/evt_1/raw")).toBeNull();
    await blobs.removeGroup("2026-04-17");
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["any bytes", Buffer.from([0, 255, 13, 10, 128])],
    ["10 MiB", Buffer.alloc(10 * 1_048_576, "0123456789abcdef\n")],
  ])("come back as they went: %s", async (what, content) => {
    const key = `2026-04-17/aa/evt_${what.length}/raw`;
    await blobs.put(key, content);
    const opened = await blobs.open(key);
    expect(opened?.bytes).toBe(content.length);
    expect((await contentOf(opened)).equals(content)).toBe(true);
  });

  it("are replaced when they are put again", async () => {
    const key = "2026-04-17/bb/evt_2/0";
    await blobs.put(key, Buffer.from("first and longer"));
    await blobs.put(key, Buffer.from("second"));
    expect((await contentOf(await blobs.open(key))).toString()).toBe("second");
  });

  it("go with their group, and no other", async () => {
    const kept = "2026-05-02/aa/evt_3/raw";
    const gone = Array.from({ length: 5 }, (_each, n) => `2026-05-01/aa/evt_3/${n}`);
    for (const key of [kept, ...gone]) await blobs.put(key, Buffer.from(key));
    expect(await blobs.groups()).toEqual(expect.arrayContaining(["2026-05-01", "2026-05-02"]));
    await blobs.removeGroup("2026-05-01");
    expect(await blobs.groups()).not.toContain("2026-05-01");
    for (const key of gone) expect(await blobs.open(key)).toBeNull();
    expect((await contentOf(await blobs.open(kept))).toString()).toBe(kept);
  });
});

describe("a store that is away", () => {
  it("is told of: a folder that cannot be made", async () => {
    const directory = await mkdtemp(join(tmpdir(), "blobs-"));
    const file = join(directory, "file");
    await writeFile(file, "");
    const blobs = new FolderBlobs(file);
    await expect(blobs.put("a/b/c/raw", Buffer.from("x"))).rejects.toMatchObject({ code: "blob_store_unavailable" });
    await rm(directory, { recursive: true });
  });

  it("is told of: a server that does not listen", async () => {
    const { options, close } = await startS3();
    await close();
    const blobs = new S3Blobs(options);
    await expect(blobs.put("a/b/c/raw", Buffer.from("x"))).rejects.toMatchObject({ code: "blob_store_unavailable" });
    await expect(blobs.open("a/b/c/raw")).rejects.toMatchObject({ code: "blob_store_unavailable" });
    blobs.close();
  });
});

it("leaves no file behind that is not whole", async () => {
  const { blobs, close } = await folder();
  const key = "2026-04-17/aa/evt_1/raw";
  await Promise.all(Array.from({ length: 20 }, (_, n) => blobs.put(key, Buffer.alloc(100_000, String(n % 10)))));
  const content = await contentOf(await blobs.open(key));
  expect(new Set(content)).toHaveProperty("size", 1);
  expect(content).toHaveLength(100_000);
  await close();
});

it("never leaves its folder", async () => {
  const { blobs, close } = await folder();
  for (const key of ["../raw", "a/../../raw", "/etc/raw", ""]) {
    await expect(blobs.put(key, Buffer.from("x"))).rejects.toMatchObject({ code: "blob_store_unavailable" });
  }
  await close();
});
