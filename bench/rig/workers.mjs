/** The receiver and publisher processes of a bench, and how to talk to them. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

export async function startReceiver() {
  const child = fork(path("receiver.mjs"));
  const [{ urls }] = await once(child, "message");
  const ask = async (question) => {
    child.send(question);
    const [answer] = await once(child, "message");
    return answer;
  };
  return {
    urls,
    url: urls[0],
    /** So little that it can be asked all the time. */
    count: async () => (await ask("count")).requests,
    report: () => ask("report"),
    reset: () => ask("reset"),
    failed: () => ask("failed"),
    stop: () => child.kill(),
  };
}

/** @param {object} job see publisher.mjs */
export async function publish(job) {
  const child = fork(path("publisher.mjs"));
  child.send({ connections: 32, batch: 1, perSecond: null, ...job });
  const [result] = await once(child, "message");
  child.disconnect();
  if (result.refused > 0) throw new Error(`${result.refused} events were refused`);
  return result;
}

/**
 * Waits until the receiver has had `count` different deliveries, without asking so often that it shows.
 * @returns {Promise<object>} the receiver's report
 */
export async function arrived(receiver, count, { withinS = 120 } = {}) {
  const deadline = Date.now() + withinS * 1_000;
  for (;;) {
    const report = await receiver.report();
    if (report.unique >= count) return report;
    if (Date.now() > deadline) throw new Error(`only ${report.unique} of ${count} deliveries arrived`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
