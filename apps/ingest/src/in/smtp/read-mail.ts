import { MAX_MAIL_BYTES } from "@waggle/contracts";
import type { SMTPServerDataStream } from "smtp-server";
import type { MailBuffer } from "../../accept/mail/mail-buffer";
import type { ReplyName } from "./replies";

/** A client that goes on and on is heard until here; a message merely too large is refused once it has come. */
const CUT_OFF_BYTES = 2 * MAX_MAIL_BYTES;

/** How long a message may take: the memory it is gathered in is everybody's. Source: RFC 5321 §4.5.3.2. */
const MESSAGE_MS = 300_000;

/**
 * Gathers a message as it comes. Resolves to whether it came to its end: the client may leave before, and `interrupt`
 * is called when it must not go on.
 */
export function readMail(
  stream: SMTPServerDataStream,
  buffer: MailBuffer,
  interrupt: (reply: ReplyName) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    let ended = false;
    const tooSlow = setTimeout(() => interrupt("too_slow"), MESSAGE_MS);
    const onData = (piece: Buffer) => {
      buffer.add(piece);
      if (buffer.size <= CUT_OFF_BYTES) return;
      stream.off("data", onData).resume();
      interrupt("too_large");
    };
    const settle = () => {
      clearTimeout(tooSlow);
      resolve(ended);
    };
    stream.on("data", onData);
    stream.once("end", () => {
      ended = true;
      settle();
    });
    stream.once("error", settle).once("close", settle);
  });
}
