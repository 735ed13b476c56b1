import { join } from "node:path";
import { Problem } from "../problem.mjs";
import { lastLines, runOnce } from "../process/run-once.mjs";
import { repositoryDir } from "../stack/directories.mjs";

const program = join(repositoryDir, "dist", "libs", "kafka", "src", "create-topics.main.js");

/**
 * Creates the topics that are missing, with the program a cluster's operator uses too.
 * @param {Record<string, string | undefined>} env
 * @param {AbortSignal} signal
 * @throws {Problem} when it fails, with what it said
 */
export async function createTopics(env, signal) {
  const { code, output } = await runOnce({ command: process.execPath, args: [program], env }, signal);
  if (code !== 0) throw new Problem(`The topics could not be created in ${env.KAFKA_BROKERS}:\n${lastLines(output)}`);
}
