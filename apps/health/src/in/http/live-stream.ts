import { once } from "node:events";
import type { Writable } from "node:stream";
import type { LiveAttempt } from "../../live/live-attempt";
import type { Happening, Watch } from "../../live/watch";

/** A comment: it tells both ends, and what is between them, that the other is still there. */
const HEARTBEAT = ": heartbeat\n\n";

/** Heartbeats after which a reader that takes nothing any more is given up: it holds a place that others want. */
const STALLED_HEARTBEATS = 4;

export interface LiveStreamOptions {
  /** Milliseconds without anything to say after which that is said. */
  readonly heartbeatMs: number;
  /** Asked about once a heartbeat: whether who watches still may. */
  readonly isAllowed: () => Promise<boolean>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Writes a watch as Server-Sent Events until it ends, no faster than they are read: what is not read in time stays
 * with the watch, whose memory is bounded. Never rejects. Source: contract §4 and the HTML standard, 9.2.
 */
export async function streamLive(watch: Watch, to: Writable, options: LiveStreamOptions): Promise<void> {
  const { heartbeatMs, isAllowed, now } = options;
  to.on("close", () => watch.end("left"));
  to.on("error", () => watch.end("left"));
  // Who left while the watch was being made ready is not told of again.
  if (to.destroyed) watch.end("left");
  to.write(HEARTBEAT);
  let asked = now();
  while (watch.ended === null) {
    const happened = await watch.next(heartbeatMs);
    if (watch.ended !== null) break;
    const text = happened.length === 0 ? HEARTBEAT : happened.map(serverSentEvent).join("");
    if (!to.write(text) && !(await drained(to, watch.signal, heartbeatMs * STALLED_HEARTBEATS))) watch.end("left");
    if (now() - asked < heartbeatMs) continue;
    asked = now();
    if (!(await isAllowed())) watch.end("unauthorized");
  }
  if (to.writableNeedDrain) to.destroy();
  else to.end(`event: closed\ndata: ${JSON.stringify({ reason: watch.ended })}\n\n`);
}

/** Whether all that was written has been taken within `limitMs`; false also when the watch ended meanwhile. */
async function drained(to: Writable, over: AbortSignal, limitMs: number): Promise<boolean> {
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

function serverSentEvent(happened: Happening): string {
  if (happened.kind === "dropped") return `event: dropped\ndata: ${JSON.stringify({ count: happened.count })}\n\n`;
  const { attempt } = happened;
  const name = attempt.try === null ? "end" : "attempt";
  // An id may be anything but a line: these are ours.
  return `event: ${name}\nid: ${attempt.try_id}\ndata: ${JSON.stringify(liveAttemptView(attempt))}\n\n`;
}

function liveAttemptView(attempt: LiveAttempt) {
  return {
    delivery_id: attempt.delivery_id,
    webhook_id: attempt.webhook_id,
    tenant_id: attempt.tenant_id,
    event_id: attempt.event_id,
    event_type: attempt.event_type,
    email_id: attempt.email_id,
    recipient: attempt.recipient,
    tags: attempt.tags,
    test: attempt.test,
    round: attempt.round,
    number: attempt.try?.number ?? null,
    at: new Date(attempt.at).toISOString(),
    status_code: attempt.try?.status_code ?? null,
    error: attempt.try?.error ?? null,
    duration_ms: attempt.try?.duration_ms ?? null,
    status: attempt.status,
    reason: attempt.reason,
    next_attempt_at: attempt.next_attempt_at === null ? null : new Date(attempt.next_attempt_at).toISOString(),
    circuit: attempt.circuit,
  };
}
