import type { IncomingMessage } from "node:http";
import { WaggleError } from "@waggle/domain";

/**
 * The bytes of a request's body.
 * @throws WaggleError as `readPieces`
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  await readPieces(request, limit, (piece) => void pieces.push(piece));
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

/**
 * Hands over a request's body as it comes; `take` may throw to refuse the rest. Resolves at the end.
 * @throws WaggleError `payload_too_large` as soon as there are more than `limit` bytes; `malformed_request` when the
 *   client went away before the end; what `take` throws
 */
export function readPieces(request: IncomingMessage, limit: number, take: (piece: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const stopReading = () => {
      request.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone);
    };
    const onData = (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > limit) return refuse(tooLarge());
      try {
        take(piece);
      } catch (refusal) {
        refuse(refusal);
      }
    };
    const onEnd = () => {
      stopReading();
      resolve();
    };
    const onGone = () => {
      stopReading();
      reject(new WaggleError("malformed_request", "the body ended too early"));
    };
    const tooLarge = () => new WaggleError("payload_too_large", `the body has more than ${limit} bytes`);
    const refuse = (refusal: unknown) => {
      stopReading();
      // The rest is taken off the wire and dropped: closing the connection under a client that is still writing would
      // cost it the answer.
      request.on("error", () => undefined).resume();
      reject(refusal);
    };
    if (request.destroyed) onGone();
    else if (Number(request.headers["content-length"] ?? 0) > limit) refuse(tooLarge());
    else request.on("data", onData).on("end", onEnd).on("close", onGone).on("error", onGone);
  });
}
