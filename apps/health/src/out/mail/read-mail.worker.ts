import { parentPort } from "node:worker_threads";
import { type MailTask, parseHeader, parseMessage } from "@waggle/mail";
import { keptMessage, type ReadMail } from "../../observe/inbound/kept-message";

/** Which message it is, for the log of whoever asks. */
export interface MailIds {
  readonly event_id: string;
  readonly tenant_id: string;
}

/** One message to be read in this thread. What fails ends the thread, and is told as its error. */
async function read({ raw, headerOnly }: MailTask<MailIds>): Promise<ReadMail> {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const message = headerOnly ? parseHeader(bytes, headerOnly) : await parseMessage(bytes);
  return { kept: keptMessage(message), contents: message.attachments.map(({ content }) => content) };
}

parentPort?.on("message", async (task: MailTask<MailIds>) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread, not of a window
  parentPort?.postMessage(await read(task));
});
