import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const repositoryDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where downloads are kept: shared by every DATA_DIR of this checkout, and untouched by `--fresh`. */
export const cacheDir = join(repositoryDir, "node_modules", ".cache", "waggle");

/**
 * Makes `directory` by filling a sibling and renaming it, so that it either does not exist or is complete, also after
 * a kill in the middle and when two processes do it at the same time (the first rename wins, the other is dropped).
 * @param {string} directory
 * @param {(unfinished: string) => Promise<void>} fill gets an empty directory of mode 0755
 */
export async function makeOnce(directory, fill) {
  if (existsSync(directory)) return;
  const unfinished = `${directory}.unfinished-${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    await chmod(unfinished, 0o755);
    await fill(unfinished);
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
}
