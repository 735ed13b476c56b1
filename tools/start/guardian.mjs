/**
 * `node guardian.mjs <data dir> <pid of npm start's process>`, started by that process: waits until the pipe on stdin
 * closes, and stops what the process left running if it was killed. After an orderly stop there is nothing left to do.
 */
import { stopLeftovers } from "./leftovers.mjs";
import { RunningRecord } from "./running-record.mjs";

const [dataDir = "", pid] = process.argv.slice(2);
process.stdin.once("close", async () => {
  const record = new RunningRecord(dataDir);
  const left = record.read();
  if (!left || left.start.pid !== Number(pid)) return;
  await stopLeftovers(left);
  if (record.read()?.start.pid === Number(pid)) record.remove();
});
process.stdin.on("error", () => process.stdin.destroy()).resume();
