/**
 * `npm run bench:pipeline`: events accepted and delivered per second, CPU seconds per 1,000 deliveries of every
 * process, and publish → arrival at 50/s and 500/s. Options: --runs 3 --events 20000 --only <scenario,…>.
 */
import { parseArgs } from "node:util";
import { cpuOf, load, residentMib } from "./rig/cpu.mjs";
import { medians, percentile, print, round } from "./rig/figures.mjs";
import { startStack } from "./rig/stack.mjs";
import { createTenant, createWebhook, inEffect } from "./rig/tenants.mjs";
import { arrived, publish, startReceiver } from "./rig/workers.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    events: { type: "string", default: "20000" },
    only: { type: "string", default: "32,128,batches,50,500" },
  },
});
const runs = Number(options.runs);
const events = Number(options.events);

const scenarios = {
  32: { job: { events, connections: 32 } },
  128: { job: { events, connections: 128 } },
  batches: { job: { events, connections: 8, batch: 100 } },
  50: { job: { events: 50 * 30, connections: 64, perSecond: 50 } },
  500: { job: { events: 500 * 20, connections: 64, perSecond: 500 } },
};
const TENANTS = 20;
const WARM_UPS = 3;

const stack = await startStack();
const receiver = await startReceiver();
try {
  const keys = [];
  for (let i = 0; i < TENANTS; i++) {
    const tenant = await createTenant(stack, `bench ${i}`);
    await createWebhook(stack, tenant.key, { url: `${receiver.urls[i % receiver.urls.length]}/ok/${i}` });
    keys.push(tenant.key);
  }
  await inEffect();
  // Until the JVM and V8 have compiled what is hot, everything costs about twice as much.
  for (let i = 0; i < WARM_UPS; i++) await measure({ events, connections: 128 }, keys);
  const rows = {};
  for (const name of options.only.split(",")) {
    if (scenarios[name].job.perSecond) await postgresAtRest();
    const results = [];
    for (let run = 0; run < runs; run++) results.push(await measure(scenarios[name].job, keys));
    rows[name] = medians(results);
  }
  const memory = Object.fromEntries(Object.entries(stack.pids).map(([name, pid]) => [name, residentMib(pid)]));
  print("pipeline", rows, { runs, memory_mib: memory });
} finally {
  receiver.stop();
  await stack.stop();
}

/** One run: publishes, waits for every delivery, and for health to have caught up. */
async function measure(job, keys) {
  await receiver.reset();
  const before = cpuOf(stack.pids);
  const started = Date.now();
  const { seconds } = await publish({ ...job, ingestUrl: stack.ingestUrl, keys });
  const { delays, duplicates } = await arrived(receiver, job.events);
  const delivered = (Date.now() - started) / 1_000;
  await rowsFolded();
  const after = cpuOf(stack.pids);
  const cpu = Object.fromEntries(
    Object.keys(before).map((name) => [name, round(((after[name] - before[name]) * 1_000) / job.events, 3)]),
  );
  return {
    accepted_per_s: round(job.events / seconds, 0),
    delivered_per_s: round(job.events / delivered, 0),
    p50_ms: percentile(delays, 0.5),
    p95_ms: percentile(delays, 0.95),
    p99_ms: percentile(delays, 0.99),
    duplicates,
    cpu_per_1000: round(
      Object.values(cpu).reduce((sum, value) => sum + value, 0),
      3,
    ),
    ...cpu,
    load: load(),
  };
}

/**
 * PostgreSQL tidies up a minute after many rows were written. What it does for those of the bursts is theirs, and would
 * count ten times as much among the few deliveries of a slow run.
 */
async function postgresAtRest() {
  await new Promise((resolve) => setTimeout(resolve, 65_000));
  for (let before = cpuOf(stack.pids).postgres; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const { postgres } = cpuOf(stack.pids);
    if (postgres - before < 0.05) return;
    before = postgres;
  }
}

/** Health's work belongs to a delivery too: waits until its rows no longer grow. */
async function rowsFolded() {
  let last = -1;
  for (;;) {
    const text = await stack.metrics("health");
    const rows = Number(/^waggle_attempt_rows_total (\d+)/m.exec(text)?.[1] ?? 0);
    if (rows === last) return;
    last = rows;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
