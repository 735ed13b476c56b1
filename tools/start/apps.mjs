import { join } from "node:path";
import { startChild } from "../process/child.mjs";
import { waitUntil } from "../process/wait-until.mjs";
import { repositoryDir } from "../stack/directories.mjs";
import { dataDirs } from "./data-dir.mjs";
import { portTable } from "./ports.mjs";

/** @typedef {import("../process/service.mjs").Service} Service */
/** @typedef {import("./settings.mjs").Settings} Settings */

/** @typedef {(typeof appNames)[number]} AppName */
export const appNames = /** @type {const} */ (["ingest", "router", "dispatcher", "health"]);

/**
 * Most of what a message needs is garbage a moment later; with V8's own 16 MiB it is copied around first. Collecting it
 * on threads of its own takes more CPU than it saves where the processes share a few cores.
 */
const nodeFlags = ["--enable-source-maps", "--max-semi-space-size=32", "--single-threaded-gc"];

/**
 * @typedef {object} Surroundings what the apps need beside the settings
 * @property {string} kafkaBrokers
 * @property {string} databaseUrl
 * @property {string} adminToken
 * @property {string} secretsKeys
 */

/**
 * One app as a process of its own. Ready = its `/readyz` answers 200.
 * @param {AppName} name
 * @param {Settings} settings
 * @param {Record<string, string | undefined>} env
 * @returns {Service}
 */
export function appService(name, settings, env) {
  const main = join(repositoryDir, "dist", "apps", name, "src", "main.js");
  const url = `http://${reachableHost(settings.host)}:${settings.ports[name]}/readyz`;
  const logFile = join(settings.dataDir, "logs", `${name}.log`);
  return {
    name,
    logFile,
    stopSignal: "SIGTERM",
    spawn: () => startChild({ command: process.execPath, args: [...nodeFlags, main], env, logFile }),
    ready: (signal) => waitUntil(() => answersOk(url, signal), { timeoutMs: 120_000, signal }),
  };
}

/**
 * The environment of an app: what we were given, and where that says nothing, what suits one machine. An empty value
 * was given. PORT_OFFSET is already in the ports. No app gets a credential it has no use for.
 * @param {AppName | "topics"} name
 * @param {Settings} settings
 * @param {Surroundings} surroundings
 * @returns {Record<string, string | undefined>}
 */
export function appEnvironment(name, settings, surroundings) {
  const ports = Object.entries(portTable).map(([port, { variable }]) => [
    variable,
    String(settings.ports[/** @type {keyof typeof portTable} */ (port)]),
  ]);
  const opensSecrets = name === "health" || name === "dispatcher";
  return {
    ALLOW_HTTP_URLS: "true",
    ALLOWED_PRIVATE_CIDRS: "127.0.0.0/8,::1/128",
    BLOB_DIR: dataDirs(settings.dataDir).blobs,
    ...(settings.kafkaBrokers === undefined ? { KAFKA_REPLICATION: "1" } : {}),
    ...settings.environment,
    ...Object.fromEntries(ports),
    PORT_OFFSET: undefined,
    BIND_HOST: settings.host,
    KAFKA_BROKERS: surroundings.kafkaBrokers,
    SECRETS_KEYS: opensSecrets ? surroundings.secretsKeys : undefined,
    ADMIN_TOKEN: name === "health" ? surroundings.adminToken : undefined,
    DATABASE_URL: name === "health" ? surroundings.databaseUrl : undefined,
  };
}

/**
 * Where something bound to `host` is reached from this machine, as it stands in a URL.
 * @param {string} host
 */
export function reachableHost(host) {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function answersOk(url, signal) {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) });
  await response.body?.cancel();
  return response.ok;
}
