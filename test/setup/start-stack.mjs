import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../tools/stack/run-test-stack.mjs", import.meta.url));

/** @type {import("node:child_process").ChildProcess | undefined} */
let keeper;

/**
 * Jest's globalSetup: one Kafka and one PostgreSQL for the whole run. They live in a process of their own that stops
 * them when its stdin closes, so they are gone however Jest ends: done, interrupted or killed.
 */
export default async function startStack() {
  keeper = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const { kafkaBrokers, databaseUrl } = JSON.parse(await firstLine(keeper));
  // Jest hands values to its workers through the environment only
  Object.assign(process.env, { WAGGLE_TEST_KAFKA_BROKERS: kafkaBrokers, WAGGLE_TEST_DATABASE_URL: databaseUrl });
}

/** What Jest's globalTeardown does. */
export async function stopStack() {
  if (!keeper || keeper.exitCode !== null) return;
  const ended = once(keeper, "exit");
  keeper.stdin?.end();
  await ended;
}

/** @param {import("node:child_process").ChildProcess} child */
async function firstLine({ stdout }) {
  if (!stdout) throw new Error("the process has no stdout");
  for await (const line of createInterface({ input: stdout })) return line;
  throw new Error("Kafka and PostgreSQL for the tests did not start; the reason stands above.");
}
