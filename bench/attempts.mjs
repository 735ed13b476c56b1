/**
 * `npm run bench:attempts`: attempts that one health process takes from Kafka into PostgreSQL a second, statistics
 * included. The process is frozen while they are published, so it has nothing to wait for.
 * Options: --runs 1 --attempts 200000 --webhooks 1000 --response 200 (bytes that receivers answer with).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { attemptRecords } from "./rig/attempt-records.mjs";
import { cpuOf, load } from "./rig/cpu.mjs";
import { medians, print, round } from "./rig/figures.mjs";
import { produce } from "./rig/produce.mjs";
import { startStack } from "./rig/stack.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "1" },
    attempts: { type: "string", default: "200000" },
    webhooks: { type: "string", default: "1000" },
    response: { type: "string", default: "200" },
  },
});
const attempts = Number(options.attempts);
const webhooks = Number(options.webhooks);
const responseBytes = Number(options.response);
const LOOK_EVERY_MS = 100;

const runs = [];
for (let run = 0; run < Number(options.runs); run++) runs.push(await measure());
const rows = Object.fromEntries(runs.map((figures, run) => [`run ${run + 1}`, figures]));
print("attempts", { ...rows, median: medians(runs) }, { attempts, webhooks, responseBytes });

async function measure() {
  const stack = await startStack();
  try {
    process.kill(stack.pids.health, "SIGSTOP");
    await produce(stack.kafkaBrokers, "webhook.attempts", attemptRecords(attempts, { webhooks, responseBytes }));
    process.kill(stack.pids.health, "SIGCONT");
    while ((await stored(stack)) === 0) await sleep(LOOK_EVERY_MS);
    const began = { rows: await stored(stack), at: performance.now(), cpu: cpuOf(stack.pids) };
    while ((await stored(stack)) < attempts) await sleep(LOOK_EVERY_MS);
    const seconds = (performance.now() - began.at) / 1_000;
    const taken = attempts - began.rows;
    const cpu = cpuOf(stack.pids);
    const perThousand = (name) => round(((cpu[name] - began.cpu[name]) / taken) * 1_000, 3);
    return {
      "rows/s": Math.round(taken / seconds),
      "health CPU-s per 1,000": perThousand("health"),
      "PostgreSQL CPU-s per 1,000": perThousand("postgres"),
      "Kafka CPU-s per 1,000": perThousand("kafka"),
      load: load(),
    };
  } finally {
    process.kill(stack.pids.health, "SIGCONT");
    await stack.stop();
  }
}

async function stored(stack) {
  const found = /^waggle_attempt_rows_total (\d+)/m.exec(await stack.metrics("health"));
  return Number(found?.[1] ?? 0);
}
