import { resolve } from "node:path";
import { Problem } from "../problem.mjs";
import { repositoryDir } from "../stack/directories.mjs";
import { portTable } from "./ports.mjs";

/** @typedef {import("./ports.mjs").PortName} PortName */
/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * @typedef {object} Settings
 * @property {string} dataDir absolute
 * @property {string} host what the apps bind
 * @property {Record<PortName, number>} ports with PORT_OFFSET in them
 * @property {string | undefined} kafkaBrokers an existing Kafka; undefined: the embedded one
 * @property {string | undefined} databaseUrl an existing PostgreSQL; undefined: the embedded one
 * @property {Environment} environment what the apps inherit
 */

const highestPort = 65_535;
/** What is among ours, or may be, of the ports that no browser talks HTTP to. Source: Fetch standard, "port blocking". */
const blockedPorts = new Set([4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080]);

/** Empty means empty, not "use the default", and these cannot be empty. */
const neverEmpty = ["DATA_DIR", "BIND_HOST", "KAFKA_BROKERS", "DATABASE_URL", "ADMIN_TOKEN", "SECRETS_KEYS"];

/**
 * Reads what concerns the start itself; the apps check everything else they are handed.
 * @param {Environment} environment
 * @returns {Settings}
 * @throws {Problem} that lists every wrong variable
 */
export function readSettings(environment) {
  const wrong = neverEmpty
    .filter((name) => environment[name] === "")
    .map((name) => `${name} is set to nothing: give it a value or unset it.`);
  const offset = readNumber(environment, "PORT_OFFSET", 0);
  if (!Number.isInteger(offset / 100) || offset < 0) {
    wrong.push(`PORT_OFFSET is "${environment.PORT_OFFSET}": it must be a multiple of 100, such as 0, 100 or 2500.`);
  }
  const ports = readPorts(environment, offset, wrong);
  if (wrong.length > 0) throw new Problem(wrong.join("\n"));
  return {
    dataDir: resolve(repositoryDir, environment.DATA_DIR ?? (offset === 0 ? ".waggle" : `.waggle-${offset}`)),
    host: environment.BIND_HOST ?? "127.0.0.1",
    ports,
    kafkaBrokers: environment.KAFKA_BROKERS,
    databaseUrl: environment.DATABASE_URL,
    environment,
  };
}

/**
 * @param {Environment} environment
 * @param {number} offset
 * @param {string[]} wrong gets a sentence for each port that cannot be
 * @returns {Record<PortName, number>}
 */
function readPorts(environment, offset, wrong) {
  /** @type {Map<number, string>} */
  const taken = new Map();
  const ports = Object.entries(portTable).map(([name, { variable, standard }]) => {
    const port = readNumber(environment, variable, standard);
    const shifted = port + (Number.isNaN(offset) ? 0 : offset);
    if (!Number.isInteger(port) || port < 1 || shifted > highestPort) {
      wrong.push(
        `${variable} is "${environment[variable] ?? standard}": with PORT_OFFSET it must be 1 to ${highestPort}.`,
      );
    }
    if (blockedPorts.has(shifted)) {
      wrong.push(`${variable} is ${shifted}: browsers and fetch refuse to ask there, so it must be another.`);
    }
    const other = taken.get(shifted);
    if (other) wrong.push(`${variable} and ${other} are both ${shifted}: every port must be another.`);
    taken.set(shifted, variable);
    return [name, shifted];
  });
  return Object.fromEntries(ports);
}

/**
 * @param {Environment} environment
 * @param {string} name
 * @param {number} standard
 * @returns {number} NaN when it is not written in digits
 */
function readNumber(environment, name, standard) {
  const text = environment[name];
  if (text === undefined) return standard;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
