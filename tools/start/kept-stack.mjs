import { KeptService } from "./kept-service.mjs";

/** @typedef {import("./running-record.mjs").RunningRecord} RunningRecord */
/** @typedef {import("../process/service.mjs").Service} Service */

/** @typedef {"kafka" | "postgres" | import("./apps.mjs").AppName} ServiceName */

/**
 * The order of stopping, and by when after its beginning each has ended or is killed. First nothing new comes in, then
 * the attempts in flight end (up to 30 s and a little), and last what the others write to. 48 s leave 2 of the 50.
 * @type {{ names: ServiceName[], deadlineMs: number }[]}
 */
const stopOrder = [
  { names: ["ingest"], deadlineMs: 7_000 },
  { names: ["router"], deadlineMs: 12_000 },
  { names: ["dispatcher"], deadlineMs: 39_000 },
  { names: ["health"], deadlineMs: 43_000 },
  { names: ["postgres", "kafka"], deadlineMs: 48_000 },
];

/** Everything a start keeps running. */
export class KeptStack {
  /** @type {Map<ServiceName, KeptService>} */
  #services = new Map();
  #record;
  #say;

  /**
   * @param {RunningRecord} record told of every process, for whoever must clean up after us
   * @param {(line: string) => void} say
   */
  constructor(record, say) {
    this.#record = record;
    this.#say = say;
  }

  /**
   * Starts a service and keeps it running.
   * @param {ServiceName} name
   * @param {Service} service
   * @param {AbortSignal} signal
   */
  async start(name, service, signal) {
    const kept = new KeptService(service, {
      onSpawn: ({ pid }) => this.#record.add(name, pid, service.stopSignal),
      say: this.#say,
    });
    this.#services.set(name, kept);
    await kept.start(signal);
  }

  /** @param {ServiceName} name @returns {number | null} null when we do not run it */
  pid(name) {
    return this.#services.get(name)?.pid ?? null;
  }

  /** Stops all that was started. @param {AbortSignal} hurry kills what is left */
  async stop(hurry) {
    const began = Date.now();
    for (const { names, deadlineMs } of stopOrder) {
      const graceMs = Math.max(0, began + deadlineMs - Date.now());
      await Promise.all(names.map((name) => this.#services.get(name)?.stop({ graceMs, hurry })));
    }
  }
}
