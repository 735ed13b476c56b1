import { join } from "node:path";
import { Problem } from "../problem.mjs";
import { lastLines, runOnce } from "../process/run-once.mjs";
import { waitUntil } from "../process/wait-until.mjs";
import { repositoryDir } from "../stack/directories.mjs";

const program = join(repositoryDir, "dist", "libs", "kafka", "src", "directory-end.main.js");

/**
 * Waits until the data plane knows every change made so far: an event published before that would find no webhook.
 * @param {{ healthUrl: string, appUrls: string[], env: Record<string, string | undefined> }} stack
 * @param {AbortSignal} signal
 */
export async function directoryIsRead({ healthUrl, appUrls, env }, signal) {
  const limits = { timeoutMs: 30_000, signal };
  await waitUntil(async () => (await metric(healthUrl, "waggle_outbox_oldest_seconds", signal)) === 0, limits);
  const { code, output } = await runOnce({ command: process.execPath, args: [program], env }, signal);
  if (code !== 0) throw new Problem(`The directory cannot be read in ${env.KAFKA_BROKERS}:\n${lastLines(output)}`);
  const end = Number(output.trim().split("\n").at(-1));
  for (const url of appUrls) {
    await waitUntil(async () => (await metric(url, "waggle_directory_offset", signal)) >= end, limits);
  }
}

/**
 * @param {string} url
 * @param {string} name
 * @param {AbortSignal} signal
 */
async function metric(url, name, signal) {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(await response.text())?.[1]);
}
