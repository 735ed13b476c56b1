/**
 * Does several things at once; when one fails the others are told to stop, and only when all have come to an end is
 * the failure handed on: nothing is still starting behind the back of whoever cleans up.
 * @param {AbortSignal} signal
 * @param {((signal: AbortSignal) => Promise<void>)[]} tasks
 */
export async function together(signal, tasks) {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  await Promise.allSettled(tasks.map((task) => task(either).catch((error) => failed.abort(error))));
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
}
