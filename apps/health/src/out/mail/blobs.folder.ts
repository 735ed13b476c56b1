import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { WaggleError } from "@waggle/domain";
import { Blobs, type OpenBlob } from "../../observe/inbound/ports";

/** Blobs as files below one folder, which all processes of a group must share. */
export class FolderBlobs extends Blobs {
  private readonly root: string;

  constructor(directory: string) {
    super();
    this.root = resolve(directory);
  }

  put(key: string, content: Uint8Array): Promise<void> {
    return answering(async () => {
      const path = this.pathOf(key);
      const folder = dirname(path);
      const made = await mkdir(folder, { recursive: true });
      // Whoever looks meanwhile finds all of it or nothing; what a crash leaves goes with its day.
      const unfinished = `${path}.${randomUUID()}.unfinished`;
      await write(unfinished, content);
      await rename(unfinished, path);
      // A name is kept once its folder is, and a new folder's own name once its parent is.
      await sync(folder);
      if (made !== undefined) for (const parent of foldersFrom(folder, dirname(made))) await sync(parent);
    });
  }

  open(key: string): Promise<OpenBlob | null> {
    return answering(async () => {
      const path = this.pathOf(key);
      try {
        const file = await open(path);
        const { size } = await file.stat();
        return { bytes: size, content: file.createReadStream() };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    });
  }

  groups(): Promise<readonly string[]> {
    return answering(async () => {
      try {
        const entries = await readdir(this.root, { withFileTypes: true });
        return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    });
  }

  removeGroup(group: string): Promise<void> {
    return answering(() => rm(this.pathOf(group), { recursive: true, force: true }));
  }

  private pathOf(key: string): string {
    // Keys are made by ourselves; one that leads elsewhere is a defect that must not become a file.
    if (key.split("/").some((part) => /^\.{0,2}$/.test(part))) throw new Error("a blob's key leads out of its folder");
    return join(this.root, key);
  }
}

async function write(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The folders above `folder`, up to and with `last`. */
function foldersFrom(folder: string, last: string): string[] {
  const parent = dirname(folder);
  return parent === last || parent === folder ? [parent] : [parent, ...foldersFrom(parent, last)];
}

function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT";
}

async function answering<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new WaggleError("blob_store_unavailable", "the folder of blobs does not answer", { cause });
  }
}
