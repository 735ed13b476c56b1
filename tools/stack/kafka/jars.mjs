import { existsSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../../problem.mjs";
import { lastLines, runOnce } from "../../process/run-once.mjs";
import { cacheDir, makeOnce } from "../directories.mjs";

const pom = join(import.meta.dirname, "pom.xml");
/** Named by the version in pom.xml: a new pin is a new folder. */
const jarsDir = join(cacheDir, "kafka-4.3.1");

/** What `java -cp` takes to find the broker. */
export const kafkaClasspath = join(jarsDir, "*");

/** Whether there is nothing left to fetch. */
export function jarsAreCached() {
  return existsSync(jarsDir);
}

/**
 * @param {AbortSignal} signal
 * @throws {Problem} when Maven is missing
 */
export async function requireMaven(signal) {
  const { code } = await runOnce({ command: "mvn", args: ["--version"] }, signal);
  if (code === 0) return;
  throw new Problem(
    'Maven is missing: the embedded Kafka is fetched with "mvn", which does not run from the PATH; install it (Debian: apt install maven), or set KAFKA_BROKERS to use a Kafka of your own.',
  );
}

/**
 * Fetches the broker's jars (44 MB) with Maven.
 * @param {AbortSignal} signal
 * @throws {Problem} with what Maven said when it cannot
 */
export async function fetchJars(signal) {
  await makeOnce(jarsDir, async (directory) => {
    const args = ["-B", "-q", "-f", pom, "dependency:copy-dependencies"];
    args.push("-DincludeScope=runtime", `-DoutputDirectory=${directory}`);
    const { code, output } = await runOnce({ command: "mvn", args }, signal);
    if (code !== 0) throw new Problem(`Maven could not fetch Kafka:\n${lastLines(output)}`);
  });
}
