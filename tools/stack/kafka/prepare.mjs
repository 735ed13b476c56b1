import { fetchJars, jarsAreCached, requireMaven } from "./jars.mjs";
import { requireJava } from "./java.mjs";
import { formatStorage } from "./storage.mjs";

/**
 * Everything a broker needs before it can run: Java, its jars, formatted storage. What is there already is kept.
 * @param {import("./broker.mjs").KafkaOptions} options
 * @param {AbortSignal} signal
 */
export async function prepareKafka(options, signal) {
  await fetchKafka(signal);
  await formatStorage(options, signal);
}

/**
 * The part of it that needs no data directory.
 * @param {AbortSignal} signal
 * @param {(line: string) => void} [say] told when it will take a while
 * @throws {import("../../problem.mjs").Problem} when Java is missing, or Maven while there is something to fetch
 */
export async function fetchKafka(signal, say) {
  await requireJava(signal);
  if (jarsAreCached()) return;
  await requireMaven(signal);
  say?.("Fetching Kafka (44 MB, this once) …");
  await fetchJars(signal);
}
