/**
 * `npm run bench:crash`: kill -9 of the dispatcher in a burst published in batches. What comes twice, what is lost, and
 * how long it takes until deliveries go on: from the kill (of which the supervisor waits 1 s), and from the start of
 * the new process. Options: --runs 3 --events 20000 --batch 100 --webhooks 20.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { load } from "./rig/cpu.mjs";
import { medians, print } from "./rig/figures.mjs";
import { startStack } from "./rig/stack.mjs";
import { createTenant, createWebhook, inEffect } from "./rig/tenants.mjs";
import { arrived, publish, startReceiver } from "./rig/workers.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    events: { type: "string", default: "20000" },
    batch: { type: "string", default: "100" },
    webhooks: { type: "string", default: "20" },
  },
});
const events = Number(options.events);
const webhooks = Number(options.webhooks);
/** How far into the burst the kill comes. */
const KILL_AT = 0.25;
const QUIET_MS = 3_000;

const stack = await startStack();
const receiver = await startReceiver();
try {
  const { key } = await createTenant(stack, "bench");
  for (let i = 0; i < webhooks; i++) {
    const url = `${receiver.urls[i % receiver.urls.length]}/ok/${i}`;
    await createWebhook(stack, key, { url, tags: [`w${i}`] });
  }
  await inEffect();
  const job = {
    ingestUrl: stack.ingestUrl,
    keys: [key],
    webhooks,
    events,
    batch: Number(options.batch),
    connections: 8,
  };
  await publish(job);
  await arrived(receiver, events);
  const runs = [];
  for (let run = 0; run < Number(options.runs); run++) runs.push(await crash(job));
  const rows = Object.fromEntries(runs.map((figures, run) => [`run ${run + 1}`, figures]));
  print("crash", { ...rows, median: medians(runs) }, { runs: runs.length, events, batch: job.batch });
} finally {
  receiver.stop();
  await stack.stop();
}

/** One burst with one crash. */
async function crash(job) {
  await receiver.reset();
  const publishing = publish(job);
  await until(async () => (await receiver.count()) >= events * KILL_AT);
  const victim = stack.pid("dispatcher");
  process.kill(victim, "SIGKILL");
  const killedAt = Date.now();
  await until(() => stack.pid("dispatcher") !== victim);
  const startedAt = Date.now();
  // What the dead process had sent has been counted by now: it has had no successor for a second.
  const before = await receiver.count();
  await until(async () => (await receiver.count()) > before);
  const firstAt = Date.now();
  await publishing;
  const { unique, duplicates } = await settled();
  return {
    lost: events - unique,
    duplicates,
    kill_to_first_ms: firstAt - killedAt,
    start_to_first_ms: firstAt - startedAt,
    load: load(),
  };
}

/** The receiver's report once everything has come, or never will, and nothing comes any more. */
async function settled() {
  await arrived(receiver, events).catch(() => undefined);
  for (let before = -1, now = await receiver.count(); now !== before; now = await receiver.count()) {
    before = now;
    await sleep(QUIET_MS);
  }
  return receiver.report();
}

/** @param {() => boolean | Promise<boolean>} condition */
async function until(condition) {
  while (!(await condition())) await sleep(5);
}
