import { isAlive } from "../process/identity.mjs";
import { waitUntil } from "../process/wait-until.mjs";

/** @typedef {import("./running-record.mjs").Contents} Contents */

const politeMs = 10_000;

/**
 * Stops what a killed start left running: asks, then kills. All at once, as a crash would: nothing waits for an order.
 * @param {Contents} contents
 */
export async function stopLeftovers({ services }) {
  const left = () => Object.values(services).filter(isAlive);
  const gone = async () => left().length === 0;
  for (const { pid, stop_signal } of left()) kill(pid, stop_signal);
  await waitUntil(gone, { timeoutMs: politeMs }).catch(() => {
    for (const { pid } of left()) kill(pid, "SIGKILL");
  });
  await waitUntil(gone, { timeoutMs: politeMs });
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // Ended in between.
  }
}
