import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** @param {string} dataDir */
export function dataDirs(dataDir) {
  const at = (/** @type {string} */ name) => join(dataDir, name);
  return { kafka: at("kafka"), postgres: at("postgres"), blobs: at("blobs"), logs: at("logs") };
}

/**
 * Makes room for a start: empties the embedded data when asked to, and puts the logs of the last start aside. What
 * credentials.json holds may also fit an external database, so it stays, and so does mail whose rows are in one.
 * @param {string} dataDir
 * @param {{ fresh: boolean, ownsDatabase: boolean }} options
 */
export async function prepareDataDir(dataDir, { fresh, ownsDatabase }) {
  const { kafka, postgres, blobs, logs } = dataDirs(dataDir);
  const embedded = [kafka, postgres, ...(ownsDatabase ? [blobs] : [])];
  if (fresh) await Promise.all(embedded.map((data) => rm(data, { recursive: true, force: true })));
  const previous = join(logs, "previous");
  await rm(previous, { recursive: true, force: true });
  await mkdir(previous, { recursive: true });
  for (const entry of await readdir(logs)) {
    if (entry.endsWith(".log")) await rename(join(logs, entry), join(previous, entry));
  }
}
