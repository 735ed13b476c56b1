import { once } from "node:events";
import type { Writable } from "node:stream";

/** Heartbeats after which a reader that takes nothing any more is given up: it holds a place that others want. */
export const STALLED_HEARTBEATS = 4;

/** Whether all that was written has been taken within `limitMs`; false also when the watch ended meanwhile. */
export async function drained(to: Writable, over: AbortSignal, limitMs: number): Promise<boolean> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limitMs);
  try {
    await once(to, "drain", { signal: AbortSignal.any([over, late.signal]) });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
