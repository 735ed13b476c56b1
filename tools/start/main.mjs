/**
 * `npm start`: Kafka, PostgreSQL and the four apps on this machine, kept running until a signal ends them.
 * Exit code 0 after a signal, 1 when something stands in the way of the start, which is said in a sentence.
 */
import { once } from "node:events";
import { environment } from "../environment.mjs";
import { Problem } from "../problem.mjs";
import { announcement } from "./announcement.mjs";
import { claimDataDir } from "./claim.mjs";
import { readFlags } from "./flags.mjs";
import { KeptStack } from "./kept-stack.mjs";
import { readSettings } from "./settings.mjs";
import { listenForStop } from "./stop-signals.mjs";

/** @typedef {import("./flags.mjs").Flags} Flags */
/** @typedef {import("./settings.mjs").Settings} Settings */

// Whoever read our output may be gone before us: no reason to die without stopping what we run.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

/**
 * @param {Flags} flags
 * @param {Settings} settings
 */
async function run(flags, settings) {
  const output = flags.json ? process.stderr : process.stdout;
  const say = (/** @type {string} */ line) => void output.write(`${line}\n`);
  const { stop, hurry } = listenForStop(say);
  const record = await claimDataDir(settings.dataDir);
  const stack = new KeptStack(record, say);
  try {
    // Loaded only now: it takes a while, in which a signal would find nobody listening.
    const { startAll } = await import("./start-all.mjs");
    const ready = await startAll({ flags, settings, stack, say }, stop);
    process.stdout.write(flags.json ? `${JSON.stringify(ready)}\n` : announcement(ready, settings.dataDir));
    if (!stop.aborted) await once(stop, "abort");
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    await stack.stop(hurry);
    record.remove();
  }
  say("waggle has stopped.");
}

try {
  await run(readFlags(process.argv.slice(2)), readSettings(environment));
  process.exit(0);
} catch (error) {
  const said = error instanceof Problem ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${said}\n`, () => process.exit(1));
}
