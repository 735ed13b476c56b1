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

/** Whether the next start needs Maven. */
export function jarsAreCached() {
  return existsSync(jarsDir);
}

/**
 * Fetches the broker's jars (44 MB) with Maven unless they are cached.
 * @param {AbortSignal} signal
 * @throws {Problem} when Maven is missing or cannot fetch them
 */
export async function fetchJars(signal) {
  await makeOnce(jarsDir, async (directory) => {
    const args = ["-B", "-q", "-f", pom, "dependency:copy-dependencies"];
    args.push("-DincludeScope=runtime", `-DoutputDirectory=${directory}`);
    const { code, output } = await runOnce({ command: "mvn", args }, signal);
    if (code === "ENOENT") {
      throw new Problem(
        'Maven is missing: the embedded Kafka is fetched with "mvn", which is not on the PATH; install it (Debian: apt install maven), or set KAFKA_BROKERS to use a Kafka of your own.',
      );
    }
    if (code !== 0) throw new Problem(`Maven could not fetch Kafka:\n${lastLines(output)}`);
  });
}
