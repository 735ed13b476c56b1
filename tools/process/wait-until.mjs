import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../problem.mjs";

/**
 * Polls until `condition` resolves to true; an exception counts as "not yet" and is handed back when time is up, save
 * a Problem, which waiting does not cure.
 * @param {() => Promise<boolean>} condition
 * @param {{ timeoutMs: number, intervalMs?: number, signal?: AbortSignal }} limits
 * @returns {Promise<void>} rejects with the last exception (or a plain timeout), or with the reason of `signal`
 */
export async function waitUntil(condition, { timeoutMs, intervalMs = 100, signal }) {
  const deadline = Date.now() + timeoutMs;
  let last = new Error(`not within ${timeoutMs / 1000} s`);
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    try {
      if (await condition()) return;
    } catch (error) {
      if (error instanceof Problem) throw error;
      last = error instanceof Error ? error : new Error(String(error));
    }
    await pause(intervalMs, signal);
  }
  throw last;
}

/**
 * @param {number} ms
 * @param {AbortSignal} [signal] ends the pause; the promise then rejects with its reason
 */
export async function pause(ms, signal) {
  await sleep(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
}
