const INTERVAL_MS = 20;

type Sought<Found> = Found | null | undefined | false;

/**
 * Waits until `look` finds something. Fails after `timeoutMs`, saying what was waited for.
 * @param what a function is asked when the time is over, and so can say how far it came
 */
export async function eventually<Found>(
  what: string | (() => string),
  look: () => Sought<Found> | Promise<Sought<Found>>,
  timeoutMs = 10_000,
): Promise<Found> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${typeof what === "string" ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
