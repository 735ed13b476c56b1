import { readFile } from "node:fs/promises";
import { Problem } from "../problem.mjs";
import { stopChild } from "./child.mjs";
import { lastLines } from "./run-once.mjs";

/** @typedef {import("./child.mjs").Child} Child */

/**
 * @typedef {object} Service a program that is started, used and stopped: Kafka, PostgreSQL, an app
 * @property {string} name as it is told to people
 * @property {string} logFile
 * @property {() => Child} spawn
 * @property {(signal: AbortSignal) => Promise<void>} ready resolves once it does its work
 * @property {NodeJS.Signals} stopSignal
 */

/**
 * Starts a service and waits until it does its work.
 * @param {Service} service
 * @param {{ signal: AbortSignal, onSpawn?: (child: Child) => void }} options `onSpawn` learns of the process before it is ready
 * @returns {Promise<Child>}
 * @throws {Problem} with the end of its log, when it ends first or does not become ready; nothing is left running then
 */
export async function startService(service, { signal, onSpawn }) {
  const child = service.spawn();
  onSpawn?.(child);
  const given = new AbortController();
  const died = child.exited.then((how) => {
    throw new Problem(`${service.name} ${how} before it was ready.`);
  });
  try {
    await Promise.race([service.ready(AbortSignal.any([signal, given.signal])), died]);
    return child;
  } catch (error) {
    given.abort();
    await stopChild(child, { stopSignal: service.stopSignal, graceMs: 5_000 });
    signal.throwIfAborted();
    const reason = error instanceof Problem ? error.message : `${service.name} did not become ready (${error}).`;
    throw new Problem(`${reason} The end of ${service.logFile}:\n${await logEnd(service)}`);
  } finally {
    died.catch(() => undefined);
  }
}

/** @param {Service} service */
async function logEnd(service) {
  return lastLines(await readFile(service.logFile, "utf8").catch(() => ""));
}
