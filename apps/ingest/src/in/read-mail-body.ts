import type { IncomingMessage } from "node:http";
import { MAX_MAIL_BYTES } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { MailBuffer } from "../accept/mail/mail-buffer";
import type { MailMemory } from "../accept/mail/mail-memory";
import { readPieces } from "./read-body";

/**
 * Reads a raw message and hands it over; its memory is given back when `use` is done with it.
 * @throws WaggleError as `readPieces`; `validation_failed` when there is none; `overloaded` when there is no memory
 *   for it; what `use` throws
 */
export async function readMailBody<Result>(
  request: IncomingMessage,
  memory: MailMemory,
  use: (raw: Buffer) => Promise<Result>,
): Promise<Result> {
  const buffer = new MailBuffer(memory);
  try {
    await readPieces(request, MAX_MAIL_BYTES, (piece) => {
      buffer.add(piece);
      if (buffer.overflow !== null) throw new WaggleError("overloaded", "too much mail is being received");
    });
    if (buffer.size === 0) throw new WaggleError("validation_failed", "the body is empty: send a raw message");
    return await use(buffer.bytes());
  } finally {
    buffer.release();
  }
}
