import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** @param {string} dataDir */
export function dataDirs(dataDir) {
  const at = (/** @type {string} */ name) => join(dataDir, name);
  return { kafka: at("kafka"), postgres: at("postgres"), blobs: at("blobs"), logs: at("logs") };
}

/**
 * Makes room for a start: empties the embedded data when asked to (what credentials.json holds may also fit an
 * external database, so it stays), and puts the logs of the last start aside.
 * @param {string} dataDir
 * @param {{ fresh: boolean }} options
 */
export async function prepareDataDir(dataDir, { fresh }) {
  const { kafka, postgres, blobs, logs } = dataDirs(dataDir);
  if (fresh) await Promise.all([kafka, postgres, blobs].map((data) => rm(data, { recursive: true, force: true })));
  const previous = join(logs, "previous");
  await rm(previous, { recursive: true, force: true });
  await mkdir(previous, { recursive: true });
  for (const entry of await readdir(logs)) {
    if (entry.endsWith(".log")) await rename(join(logs, entry), join(previous, entry));
  }
}
