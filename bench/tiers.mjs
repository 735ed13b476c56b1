/**
 * `npm run bench:tiers`: how late retries are against the time they are due, idle and beside 500 events/s. Seen at the
 * receiver: from one failed attempt to the next, less the delay of the tier, so the attempt itself is in the figure.
 * Options: --runs 3 --webhooks 300.
 */
import { parseArgs } from "node:util";
import { load } from "./rig/cpu.mjs";
import { medians, percentile, print, round } from "./rig/figures.mjs";
import { startStack } from "./rig/stack.mjs";
import { createTenant, createWebhook, inEffect } from "./rig/tenants.mjs";
import { publish, startReceiver } from "./rig/workers.mjs";

const { values: options } = parseArgs({
  options: { runs: { type: "string", default: "3" }, webhooks: { type: "string", default: "300" } },
});
const webhooks = Number(options.webhooks);
/**
 * 30 s, 2 min and 10 min become 0.3, 1.2 and 6 s. The times between requests for tiers shrink alike, so here nearly all
 * requests name all tiers: dearer than it is without.
 */
const TIME_SCALE = 100;
const DELAYS_S = [30, 120, 600];
/** A little more than all of them together. */
const UNTIL_LAST_TIER_MS = 9_000;

const rows = { idle: [], "beside 500/s": [] };
for (let run = 0; run < Number(options.runs); run++) {
  rows.idle.push(await measure(0));
  rows["beside 500/s"].push(await measure(500));
}
print(
  "tiers",
  { idle: medians(rows.idle), "beside 500/s": medians(rows["beside 500/s"]) },
  { runs: Number(options.runs) },
);

async function measure(perSecond) {
  const stack = await startStack({ TIME_SCALE: String(TIME_SCALE) });
  const receiver = await startReceiver();
  try {
    const failing = await failingTenant(stack, receiver);
    const warming = await failingTenant(stack, receiver);
    const busy = await createTenant(stack, "busy");
    await createWebhook(stack, busy.key, { url: `${receiver.url}/ok` });
    await inEffect();
    const job = { ingestUrl: stack.ingestUrl };
    // Until V8 has compiled what a retry needs, it is that which is measured.
    await publish({ ...job, keys: [warming.key], webhooks, events: webhooks, perSecond: 100 });
    await publish({ ...job, keys: [busy.key], events: 5_000 });
    await new Promise((resolve) => setTimeout(resolve, UNTIL_LAST_TIER_MS));
    await receiver.reset();
    const beside =
      perSecond === 0
        ? Promise.resolve()
        : publish({ ...job, keys: [busy.key], events: perSecond * 12, perSecond, connections: 64 });
    await publish({ ...job, keys: [failing.key], webhooks, events: webhooks, perSecond: 100 });
    await new Promise((resolve) => setTimeout(resolve, UNTIL_LAST_TIER_MS));
    await beside;
    const lateness = latenessOf((await receiver.failed()).failed);
    return {
      retries: lateness.length,
      early: lateness.filter((ms) => ms < 0).length,
      p50_ms: round(percentile(lateness, 0.5)),
      p95_ms: round(percentile(lateness, 0.95)),
      p99_ms: round(percentile(lateness, 0.99)),
      max_ms: round(percentile(lateness, 1)),
      load: load(),
    };
  } finally {
    receiver.stop();
    await stack.stop();
  }
}

/** With many webhooks that fail, for one event each: one that fails often has its circuit open, and parks. */
async function failingTenant(stack, receiver) {
  const tenant = await createTenant(stack, "failing");
  for (let i = 0; i < webhooks; i++) {
    await createWebhook(stack, tenant.key, { url: `${receiver.url}/fail/${i}`, tags: [`w${i}`] });
  }
  return tenant;
}

/** @param {{ id: string, attempt: number, at: number }[]} attempts */
function latenessOf(attempts) {
  const at = new Map(attempts.map((attempt) => [`${attempt.id}/${attempt.attempt}`, attempt.at]));
  return attempts.flatMap(({ id, attempt, at: arrivedAt }) => {
    const before = at.get(`${id}/${attempt - 1}`);
    const delay = DELAYS_S[attempt - 2];
    return before === undefined || delay === undefined ? [] : [arrivedAt - before - (delay * 1_000) / TIME_SCALE];
  });
}
