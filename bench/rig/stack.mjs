/** The stack a bench measures: what `npm start` runs, on ports and data of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/**
 * @typedef {object} Stack
 * @property {string} ingestUrl
 * @property {string} managementUrl
 * @property {string} adminToken
 * @property {string} kafkaBrokers
 * @property {string} databaseUrl
 * @property {Record<string, number>} pids
 * @property {(service: string) => number} pid of its present process: it has another one when it was started again
 * @property {(app: string) => Promise<string>} metrics
 * @property {() => Promise<void>} stop
 */

/**
 * @param {Record<string, string>} [environment] added to what the apps get
 * @returns {Promise<Stack>}
 */
export async function startStack(environment = {}) {
  const directory = await mkdtemp(join(tmpdir(), "waggle-bench-"));
  const offset = 100 * (21 + Math.floor(Math.random() * 250));
  const child = spawn(process.execPath, ["tools/start/main.mjs", "--json"], {
    cwd: repository,
    env: { ...process.env, PORT_OFFSET: String(offset), DATA_DIR: directory, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const ready = JSON.parse(line);
  const ports = { health: 4000, ingest: 4001, router: 4002, dispatcher: 4003 };
  return {
    ingestUrl: ready.ingest_url,
    managementUrl: ready.management_url,
    adminToken: ready.admin_token,
    kafkaBrokers: ready.kafka_brokers,
    databaseUrl: ready.database_url,
    pids: ready.pids,
    pid: (service) => JSON.parse(readFileSync(join(directory, "running.json"), "utf8")).services[service].pid,
    metrics: async (app) => (await fetch(`http://127.0.0.1:${ports[app] + offset}/metrics`)).text(),
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
      await rm(directory, { recursive: true, force: true });
    },
  };
}
