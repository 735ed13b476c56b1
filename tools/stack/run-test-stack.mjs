/**
 * `node tools/stack/run-test-stack.mjs`: an empty Kafka and PostgreSQL for a test run. Prints one line
 * `{"kafkaBrokers","databaseUrl","pids"}` when both are ready and removes everything when told to stop.
 */
import { startTestStack } from "./test-stack.mjs";
import { runUntilTold } from "./until-told.mjs";

await runUntilTold(async (signal) => {
  const { stop, ...described } = await startTestStack(signal);
  // A test may kill the broker or the database on purpose: the run goes on.
  return { described, ended: new Promise(() => undefined), stop };
});
