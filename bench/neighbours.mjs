/**
 * `npm run bench:neighbours`: what healthy webhooks notice of hanging ones. Publish → arrival of the healthy ones at
 * 500 events/s, with 1 of 10 and 100 of 1,000 webhooks hanging, each beside the same run with none. One stall of the
 * machine of 200 ms is the p99 of 20 s, so it also says what it is in most stretches of 2 s: `usual_p99_ms`.
 * Options: --runs 3 --seconds 40 --per-second 500.
 */
import { parseArgs } from "node:util";
import { load } from "./rig/cpu.mjs";
import { median, medians, percentile, print, round } from "./rig/figures.mjs";
import { startStack } from "./rig/stack.mjs";
import { createTenant, createWebhook, inEffect } from "./rig/tenants.mjs";
import { arrived, publish, startReceiver } from "./rig/workers.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    seconds: { type: "string", default: "40" },
    "per-second": { type: "string", default: "500" },
  },
});
const perSecond = Number(options["per-second"]);
const events = perSecond * Number(options.seconds);
const runs = Number(options.runs);
const TENANTS = 10;
/** By then V8 has compiled what hanging webhooks need too: circuits are open, what is parked has gone round the tiers. */
const WARM_UP_S = 40;
const STRETCH_S = 2;

const rows = {};
for (const { webhooks, hung } of [
  { webhooks: 10, hung: 1 },
  { webhooks: 1_000, hung: 100 },
]) {
  const pairs = [];
  for (let run = 0; run < runs; run++) {
    const none = await measure(webhooks, 0);
    const some = await measure(webhooks, hung);
    const ratio = (name) => round(some[name] / none[name]);
    pairs.push({ none, some, ratios: { p99_ratio: ratio("p99_ms"), usual_p99_ratio: ratio("usual_p99_ms") } });
  }
  const { none, some, ratios } = medians(pairs);
  rows[`${webhooks}, none hung`] = none;
  rows[`${webhooks}, ${hung} hung`] = { ...some, ...ratios };
}
print("neighbours", rows, { runs, per_second: perSecond });

/** One stack of its own per run: what a hung webhook leaves behind must not weigh on the next. */
async function measure(webhooks, hung) {
  const stack = await startStack();
  const receiver = await startReceiver();
  try {
    const keys = [];
    for (let i = 0; i < TENANTS; i++) keys.push((await createTenant(stack, `bench ${i}`)).key);
    for (let i = 0; i < webhooks; i++) {
      const path = i < hung ? `/hang/${i}` : `/ok/${i}`;
      await createWebhook(stack, keys[i % TENANTS], { url: receiver.url + path, tags: [`w${i}`] });
    }
    await inEffect();
    const warmUp = perSecond * WARM_UP_S;
    const job = { ingestUrl: stack.ingestUrl, keys, webhooks, perSecond, connections: 64 };
    // In one go: after a pause, or from a process that has just begun, the first second is another thing to measure.
    await publish({ ...job, events: warmUp + events, warmUp });
    const { delays } = await arrived(receiver, sentToHealthy({ webhooks, hung }));
    return {
      p50_ms: percentile(delays, 0.5),
      p95_ms: percentile(delays, 0.95),
      p99_ms: percentile(delays, 0.99),
      usual_p99_ms: usualP99(delays),
      load: load(),
    };
  } finally {
    receiver.stop();
    await stack.stop();
  }
}

/** @param {number[]} delays in the order of arrival */
function usualP99(delays) {
  const length = Math.ceil((delays.length * STRETCH_S) / Number(options.seconds));
  const starts = Array.from({ length: Math.ceil(delays.length / length) }, (_, i) => i * length);
  return median(starts.map((start) => percentile(delays.slice(start, start + length), 0.99)));
}

/** How many events, warm-up included, are for webhooks that answer: event i is for webhook i mod `webhooks`. */
function sentToHealthy({ webhooks, hung }) {
  const all = perSecond * WARM_UP_S + events;
  const rest = all % webhooks;
  return Math.floor(all / webhooks) * (webhooks - hung) + Math.max(0, rest - hung);
}
