import { Problem } from "../problem.mjs";
import { whyNotFree } from "../process/free-ports.mjs";

/** Every port of a stack: who listens, the variable that moves it, and where it is without one and without PORT_OFFSET. */
export const portTable = /** @type {const} */ ({
  health: { owner: "the health app", variable: "HEALTH_PORT", standard: 4000 },
  ingest: { owner: "the ingest app", variable: "INGEST_PORT", standard: 4001 },
  router: { owner: "the router app", variable: "ROUTER_PORT", standard: 4002 },
  dispatcher: { owner: "the dispatcher app", variable: "DISPATCHER_PORT", standard: 4003 },
  grpc: { owner: "the health app's gRPC", variable: "GRPC_PORT", standard: 4050 },
  smtp: { owner: "the ingest app's SMTP", variable: "SMTP_PORT", standard: 2525 },
  kafka: { owner: "the embedded Kafka", variable: "KAFKA_PORT", standard: 4092 },
  kafkaController: { owner: "the embedded Kafka's controller", variable: "KAFKA_CONTROLLER_PORT", standard: 4093 },
  postgres: { owner: "the embedded PostgreSQL", variable: "POSTGRES_PORT", standard: 4032 },
  demo: { owner: "the demo receiver", variable: "DEMO_PORT", standard: 4099 },
});

/** @typedef {keyof typeof portTable} PortName */

/**
 * @param {import("./settings.mjs").Settings} settings
 * @param {{ demo: boolean }} flags
 * @throws {Problem} one sentence that names every port this start needs and cannot have, and says how to move it
 */
export async function requireFreePorts(settings, { demo }) {
  const taken = [];
  for (const name of portsInUse(settings, demo)) {
    const port = settings.ports[name];
    const reason = await whyNotFree(port, onLoopback.includes(name) ? "127.0.0.1" : settings.host);
    if (reason !== null) taken.push({ ...portTable[name], port, reason });
  }
  if (taken.length === 0) return;
  const each = taken.map(({ port, owner, variable, reason }) => {
    const cause = reason === "EADDRINUSE" ? "is already in use" : `cannot be listened on (${reason})`;
    return `port ${port} of ${owner} ${cause} (${variable} moves it)`;
  });
  const sentence = `${each.join(", ")}: stop what is there, or move all ports with PORT_OFFSET, a multiple of 100.`;
  throw new Problem(sentence.replace(/^p/, "P"));
}

/** The stores are for this machine only, whatever the apps bind. @type {PortName[]} */
const onLoopback = ["kafka", "kafkaController", "postgres", "demo"];

/**
 * @param {import("./settings.mjs").Settings} settings
 * @param {boolean} demo
 */
function portsInUse({ kafkaBrokers, databaseUrl }, demo) {
  /** @type {PortName[]} */
  const absent = [];
  if (kafkaBrokers !== undefined) absent.push("kafka", "kafkaController");
  if (databaseUrl !== undefined) absent.push("postgres");
  if (!demo) absent.push("demo");
  const all = /** @type {PortName[]} */ (Object.keys(portTable));
  return all.filter((name) => !absent.includes(name));
}
