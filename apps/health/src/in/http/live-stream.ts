import type { Writable } from "node:stream";
import { type HappeningsOptions, happenings } from "../../live/happenings";
import type { Happening, Watch } from "../../live/watch";
import { drained, STALLED_HEARTBEATS } from "../drained";
import { liveAttemptView } from "../views/live-view";

/** A comment: it tells both ends, and what is between them, that the other is still there. */
const HEARTBEAT = ": heartbeat\n\n";

/**
 * Writes a watch as Server-Sent Events until it ends, no faster than they are read: what is not read in time stays
 * with the watch, whose memory is bounded. Never rejects. Source: contract §4 and the HTML standard, 9.2.
 */
export async function streamLive(watch: Watch, to: Writable, options: HappeningsOptions): Promise<void> {
  to.on("close", () => watch.end("left"));
  to.on("error", () => watch.end("left"));
  // Who left while the watch was being made ready is not told of again.
  if (to.destroyed) watch.end("left");
  to.write(HEARTBEAT);
  for await (const happened of happenings(watch, options)) {
    const text = happened.length === 0 ? HEARTBEAT : happened.map(serverSentEvent).join("");
    if (to.write(text)) continue;
    if (!(await drained(to, watch.signal, options.heartbeatMs * STALLED_HEARTBEATS))) watch.end("left");
  }
  if (to.writableNeedDrain) to.destroy();
  else to.end(`event: closed\ndata: ${JSON.stringify({ reason: watch.ended })}\n\n`);
}

function serverSentEvent(happened: Happening): string {
  if (happened.kind === "dropped") return `event: dropped\ndata: ${JSON.stringify({ count: happened.count })}\n\n`;
  const { attempt } = happened;
  const name = attempt.try === null ? "end" : "attempt";
  // An id may be anything but a line: these are ours.
  return `event: ${name}\nid: ${attempt.try_id}\ndata: ${JSON.stringify(liveAttemptView(attempt))}\n\n`;
}
