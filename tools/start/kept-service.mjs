import { stopChild } from "../process/child.mjs";
import { startService } from "../process/service.mjs";
import { pause } from "../process/wait-until.mjs";

/** @typedef {import("../process/service.mjs").Service} Service */
/** @typedef {import("../process/child.mjs").Child} Child */

const restartDelayMs = 1_000;

/**
 * A service that is started again whenever it ends, until it is stopped.
 * Its first start must succeed; every later one is repeated for as long as it takes.
 */
export class KeptService {
  #service;
  #onSpawn;
  #say;
  #stopping = new AbortController();
  /** @type {Child | null} */
  #child = null;

  /**
   * @param {Service} service
   * @param {{ onSpawn: (child: Child) => void, say: (line: string) => void }} hooks
   */
  constructor(service, { onSpawn, say }) {
    this.#service = service;
    this.#say = say;
    this.#onSpawn = (/** @type {Child} */ child) => {
      this.#child = child;
      onSpawn(child);
    };
  }

  get name() {
    return this.#service.name;
  }

  get pid() {
    return this.#child?.pid ?? null;
  }

  /** Resolves once the service is ready; from then on it is kept running. @param {AbortSignal} signal */
  async start(signal) {
    const child = await startService(this.#service, { signal, onSpawn: this.#onSpawn });
    void this.#keep(child);
  }

  /** @param {{ graceMs: number, hurry: AbortSignal }} how */
  async stop({ graceMs, hurry }) {
    this.#stopping.abort();
    if (this.#child) await stopChild(this.#child, { stopSignal: this.#service.stopSignal, graceMs, hurry });
  }

  /** @param {Child} first */
  async #keep(first) {
    for (let child = first; ; child = this.#service.spawn(), this.#onSpawn(child)) {
      const how = await child.exited;
      if (this.#stopping.signal.aborted) return;
      this.#say(`${this.name} ${how}; starting it again in 1 s (its log: ${this.#service.logFile}).`);
      await pause(restartDelayMs, this.#stopping.signal).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
    }
  }
}
