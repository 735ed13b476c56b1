import { setTimeout as sleep } from "node:timers/promises";
import { PrivateBroker } from "@waggle/testing";
import { Broker } from "./broker";
import { type Answer, RunningIngest } from "./running-ingest";
import { anOpen, several, uniqueTenant } from "./valid-events";

jest.setTimeout(120_000);

/**
 * How long one request to Kafka may take here. The producer tries each four times before it gives up its kafkajs
 * producer, so the freeze below outlasts several of them.
 */
const REQUEST_TIMEOUT_MS = 500;
const FREEZE_MS = 12_000;

const tenant = uniqueTenant();
let kafka: PrivateBroker;
let broker: Broker;
let ingest: RunningIngest;

beforeAll(async () => {
  kafka = await PrivateBroker.start();
  broker = await Broker.at(kafka.brokers);
  const key = await broker.addKey(tenant);
  ingest = await RunningIngest.start({ brokers: kafka.brokers, requestTimeoutMs: REQUEST_TIMEOUT_MS }, { key });
});

afterAll(async () => {
  kafka?.thaw();
  await ingest?.stop();
  await broker?.close();
  await kafka?.close();
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Publishes one request after another on several connections until told to stop; every answer with its ids. */
async function publishUntil(
  stopped: () => boolean,
  prefix: string,
): Promise<{ ids: string[]; answer: Answer; ms: number }[]> {
  const answers: { ids: string[]; answer: Answer; ms: number }[] = [];
  const publisher = async (lane: number) => {
    for (let turn = 0; !stopped(); turn++) {
      const ids = several(1 + (turn % 3), (index) => `${prefix}-${lane}-${turn}-${index}`);
      const events = ids.map((id) => anOpen({ id }, { email_id: `msg_${lane}_${turn % 7}` }));
      const startedAt = performance.now();
      const answer = await ingest.publish({ events });
      answers.push({ ids, answer, ms: performance.now() - startedAt });
      await sleep(5);
    }
  };
  await Promise.all(several(8, publisher));
  return answers;
}

describe("ingest on a broker that freezes past all retries", () => {
  it("answers 503 within 5.5 s, comes back, and has stored every event it said 202 to", async () => {
    let stopped = false;
    const publishing = publishUntil(() => stopped, "load");
    await sleep(500);
    kafka.freeze();
    await sleep(FREEZE_MS);
    kafka.thaw();
    const thawedAt = Date.now();
    while ((await ingest.publish(anOpen())).status !== 202) await sleep(50);
    expect(Date.now() - thawedAt).toBeLessThan(15_000);
    await sleep(500);
    stopped = true;
    const answers = await publishing;

    const unavailable = answers.filter(({ answer }) => answer.status === 503);
    const accepted = answers.filter(({ answer }) => answer.status === 202);
    expect(unavailable.length).toBeGreaterThan(8);
    expect(unavailable.length + accepted.length).toBe(answers.length);
    for (const { answer } of unavailable) {
      expect(answer).toMatchObject({ problem: { code: "kafka_unavailable" }, headers: { "retry-after": "5" } });
    }
    // The typical answer: publisher and ingest are one process here, and a busy machine holds up single ones.
    expect(median(unavailable.map(({ ms }) => ms))).toBeLessThan(5_500);
    const stored = (await broker.stored(tenant)).map(({ event }) => event.id);
    const found = new Set(stored);
    expect(accepted.flatMap(({ ids }) => ids).filter((id) => !found.has(id))).toEqual([]);
    // A request whose outcome is unknown is there entirely or not at all.
    for (const { ids } of unavailable) expect([0, ids.length]).toContain(ids.filter((id) => found.has(id)).length);
    expect(await ingest.metrics()).toMatch(/waggle_ingest_events_total\{result="unavailable"\} [1-9]/);
  });
});
