/**
 * `npm run bench:attempts`: attempts that one health process takes from Kafka into PostgreSQL a second, statistics
 * included. The process is frozen while they are published, so it has nothing to wait for.
 * Options: --runs 1 --attempts 200000 --webhooks 1000 --response 200 (bytes that receivers answer with)
 * --publisher-ids (event ids of the publishers' own, over 30 days in which others were logged before, and the deliveries
 * of the same ids consumed at the same time).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { attemptRecords, deliveriesOf } from "./rig/attempt-records.mjs";
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
    "publisher-ids": { type: "boolean", default: false },
  },
});
const attempts = Number(options.attempts);
const webhooks = Number(options.webhooks);
const responseBytes = Number(options.response);
const publisherIds = options["publisher-ids"];
const DAYS = 30;
const LOOK_EVERY_MS = 100;

const runs = [];
for (let run = 0; run < Number(options.runs); run++) runs.push(await measure());
const rows = Object.fromEntries(runs.map((figures, run) => [`run ${run + 1}`, figures]));
print("attempts", { ...rows, median: medians(runs) }, { attempts, webhooks, responseBytes, publisherIds });

async function measure() {
  const stack = await startStack();
  try {
    // It would answer deliveries of webhooks that are not there with records of its own.
    process.kill(stack.pids.dispatcher, "SIGSTOP");
    if (publisherIds) await fillDays(stack);
    const before = await stored(stack);
    process.kill(stack.pids.health, "SIGSTOP");
    const records = [...attemptRecords(attempts, { webhooks, responseBytes, publisherIds })];
    await produce(stack.kafkaBrokers, "webhook.attempts", records);
    if (publisherIds) await produce(stack.kafkaBrokers, "webhook.deliveries", deliveriesOf(records));
    process.kill(stack.pids.health, "SIGCONT");
    while ((await stored(stack)) === before) await sleep(LOOK_EVERY_MS);
    const began = { rows: await stored(stack), at: performance.now(), cpu: cpuOf(stack.pids) };
    while ((await stored(stack)) < before + attempts) await sleep(LOOK_EVERY_MS);
    const seconds = (performance.now() - began.at) / 1_000;
    const taken = before + attempts - began.rows;
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
    for (const app of ["health", "dispatcher"]) process.kill(stack.pids[app], "SIGCONT");
    await stack.stop();
  }
}

/** A thousand attempts of each of the days before. */
async function fillDays(stack) {
  const perDay = 1_000;
  for (let day = 1; day <= DAYS; day++) {
    const some = attemptRecords(perDay, { webhooks, responseBytes, publisherIds, daysAgo: day });
    await produce(stack.kafkaBrokers, "webhook.attempts", some);
  }
  while ((await stored(stack)) < perDay * DAYS) await sleep(LOOK_EVERY_MS);
}

async function stored(stack) {
  const found = /^waggle_attempt_rows_total (\d+)/m.exec(await stack.metrics("health"));
  return Number(found?.[1] ?? 0);
}
