import type { IncomingMessage } from "node:http";
import { WaggleError } from "@waggle/domain";

/**
 * The bytes of a request's body.
 * @throws WaggleError `payload_too_large` as soon as there are more than `limit`; `malformed_request` when the client
 *   went away before the end
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stopReading = () => {
      request.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone);
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) refuse();
      else chunks.push(chunk);
    };
    const onEnd = () => {
      stopReading();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    };
    const onGone = () => {
      stopReading();
      reject(new WaggleError("malformed_request", "the body ended too early"));
    };
    const refuse = () => {
      stopReading();
      // The rest is taken off the wire and dropped: closing the connection under a client that is still writing would
      // cost it the answer.
      request.on("error", () => undefined).resume();
      reject(new WaggleError("payload_too_large", `the body has more than ${limit} bytes`));
    };
    if (request.destroyed) onGone();
    else if (Number(request.headers["content-length"] ?? 0) > limit) refuse();
    else request.on("data", onData).on("end", onEnd).on("close", onGone).on("error", onGone);
  });
}
