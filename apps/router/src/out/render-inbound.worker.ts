import { parentPort } from "node:worker_threads";
import type { Dialect, ParseError } from "@waggle/domain";
import { parseHeader, parseMessage } from "@waggle/mail";
import { type InboundOrigin, inboundBodies } from "../route/inbound-bodies";

/** One message to be read and rendered in this thread. */
export interface RenderTask {
  readonly raw: Uint8Array;
  readonly origin: InboundOrigin;
  readonly dialects: readonly Dialect[];
  /** Why only the header is to be read; null: everything is. */
  readonly headerOnly: ParseError | null;
}

/** The answer: the body in each dialect that was asked for. What fails ends the thread, and is told as its error. */
export type RenderedBodies = ReadonlyMap<Dialect, Uint8Array>;

async function render({ raw, headerOnly, ...task }: RenderTask): Promise<RenderedBodies> {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const message = headerOnly ? parseHeader(bytes, headerOnly) : await parseMessage(bytes);
  return inboundBodies(task.origin, message, task.dialects);
}

parentPort?.on("message", async (task: RenderTask) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread, not of a window
  parentPort?.postMessage(await render(task));
});
