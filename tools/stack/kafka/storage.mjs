import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../../problem.mjs";
import { lastLines, runOnce } from "../../process/run-once.mjs";
import { makeOnce } from "../directories.mjs";
import { kafkaClasspath } from "./jars.mjs";
import { brokerProperties } from "./properties.mjs";

/**
 * Writes the broker's configuration, and formats its storage the first time (what is there is kept).
 * @param {{ dataDir: string, port: number, controllerPort: number }} options
 * @param {AbortSignal} signal
 */
export async function formatStorage({ dataDir, port, controllerPort }, signal) {
  await mkdir(dataDir, { recursive: true });
  const logDir = join(dataDir, "log");
  await makeOnce(logDir, async (unfinished) => {
    const properties = join(dataDir, "format.properties");
    await writeFile(properties, brokerProperties({ logDir: unfinished, port, controllerPort }));
    const args = ["-XX:TieredStopAtLevel=1", "-cp", kafkaClasspath, "kafka.tools.StorageTool", "format"];
    args.push("-t", newClusterId(), "-c", properties);
    const { code, output } = await runOnce({ command: "java", args }, signal);
    if (code !== 0) throw new Problem(`Kafka's storage could not be formatted:\n${lastLines(output)}`);
  });
  await writeFile(propertiesFile(dataDir), brokerProperties({ logDir, port, controllerPort }));
}

/** @param {string} dataDir */
export function propertiesFile(dataDir) {
  return join(dataDir, "server.properties");
}

/** As `StorageTool random-uuid`, one JVM start cheaper: 16 bytes in base64url that do not look like an option. */
function newClusterId() {
  const id = randomBytes(16).toString("base64url");
  return id.startsWith("-") ? `A${id.slice(1)}` : id;
}
