import { parentPort } from "node:worker_threads";
import type { Dialect } from "@waggle/domain";
import { type MailTask, parseHeader, parseMessage } from "@waggle/mail";
import { type InboundOrigin, inboundBodies } from "../route/inbound-bodies";

/** How a message is to be rendered in this thread. */
export interface RenderOrder {
  readonly origin: InboundOrigin;
  readonly dialects: readonly Dialect[];
}

/** The answer: the body in each dialect that was asked for. What fails ends the thread, and is told as its error. */
export type RenderedBodies = ReadonlyMap<Dialect, Uint8Array>;

async function render({ raw, headerOnly, ...task }: MailTask<RenderOrder>): Promise<RenderedBodies> {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const message = headerOnly ? parseHeader(bytes, headerOnly) : await parseMessage(bytes);
  return inboundBodies(task.origin, message, task.dialects);
}

parentPort?.on("message", async (task: MailTask<RenderOrder>) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread, not of a window
  parentPort?.postMessage(await render(task));
});
