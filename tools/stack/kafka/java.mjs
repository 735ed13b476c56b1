import { Problem } from "../../problem.mjs";
import { runOnce } from "../../process/run-once.mjs";

/** Apache Kafka 4 does not start on anything older. */
const oldestJava = 17;

/**
 * @param {AbortSignal} signal
 * @throws {Problem} when there is no Java on the PATH, or one too old for the broker
 */
export async function requireJava(signal) {
  const { code, output } = await runOnce({ command: "java", args: ["-version"] }, signal);
  const version = Number(/version "(\d+)/.exec(output)?.[1] ?? Number.NaN);
  const cure = `install Java ${oldestJava} or newer (Debian: apt install openjdk-17-jre-headless), or set KAFKA_BROKERS to use a Kafka of your own.`;
  if (code !== 0) throw new Problem(`Java is missing: the embedded Kafka needs "java" on the PATH; ${cure}`);
  if (version < oldestJava) throw new Problem(`Java ${version} is too old for the embedded Kafka: ${cure}`);
}
