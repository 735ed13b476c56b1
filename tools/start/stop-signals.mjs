/** Ctrl-C arrives twice: from the terminal and, passed on, from npm. */
const echoMs = 1_000;

/**
 * Listens for SIGINT, SIGTERM and SIGHUP (the terminal was closed) from now on.
 * @param {(line: string) => void} say
 * @returns {{ stop: AbortSignal, hurry: AbortSignal }} `stop` is aborted by the first, `hurry` by another one later
 */
export function listenForStop(say) {
  const stop = new AbortController();
  const hurry = new AbortController();
  let first = 0;
  const receive = () => {
    if (!stop.signal.aborted) {
      first = Date.now();
      say("Stopping …");
      stop.abort();
    } else if (Date.now() - first > echoMs && !hurry.signal.aborted) {
      say("Stopping at once.");
      hurry.abort();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, receive);
  return { stop: stop.signal, hurry: hurry.signal };
}
