/**
 * `node tools/stack/run-kafka.mjs --data-dir <dir> [--port <n>] [--controller-port <n>]`: one more broker, for a test that
 * freezes or kills it. Prints one line `{"brokers","pid"}` (pid of the broker itself) when it is ready, stops it when
 * told to, and ends with code 1 when the broker ends by itself. The data is kept: the same command brings it back.
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Problem } from "../problem.mjs";
import { stopChild } from "../process/child.mjs";
import { freePorts } from "../process/free-ports.mjs";
import { startService } from "../process/service.mjs";
import { kafkaService } from "./kafka/broker.mjs";
import { prepareKafka } from "./kafka/prepare.mjs";
import { runUntilTold } from "./until-told.mjs";

const text = /** @type {const} */ ({ type: "string" });
const { values } = parseArgs({ options: { "data-dir": text, port: text, "controller-port": text } });

await runUntilTold(async (signal) => {
  if (!values["data-dir"]) throw new Problem("--data-dir is missing: where the broker keeps its data.");
  const dataDir = resolve(values["data-dir"]);
  await mkdir(dataDir, { recursive: true });
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const options = {
    dataDir,
    port: Number(values.port ?? port),
    controllerPort: Number(values["controller-port"] ?? controllerPort),
    logFile: join(dataDir, "kafka.log"),
    shortLived: true,
  };
  await prepareKafka(options, signal);
  const service = kafkaService(options);
  const child = await startService(service, { signal });
  return {
    described: { brokers: `127.0.0.1:${options.port}`, pid: child.pid },
    ended: child.exited,
    stop: () => stopChild(child, { stopSignal: service.stopSignal, graceMs: 5_000 }),
  };
});
