import type { Socket } from "node:net";
import type { buildConnector } from "undici";

/**
 * Mends two things of undici's parser.
 * It ends the connection at a `100 Continue` that it did not ask for, where a client must read on (RFC 9110 §15.2) as it
 * does past any other 1xx: an event that was accepted would count as failed and come again.
 * And when headers become too large it ends the connection anew, with an error and its stack, for each that follows in
 * what it has read by then: 64 KiB of small ones would keep the whole process busy for a fifth of a second.
 * What decides this are methods of the parser, which undici attaches to the socket and does not export: so the first
 * socket is looked at, and nothing changes when an undici has no such parser.
 * test/integration/dispatcher/hostile-responses.spec.ts holds undici to that.
 */
export function mendingParser(connector: buildConnector.connector): buildConnector.connector {
  let isMended = false;
  return (options, callback) => {
    connector(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      callback(null, socket);
      if (!isMended) isMended = mendParser(socket);
    });
  };
}

const CONTINUE = 100;
/** Any 1xx that undici reads past. */
const PROCESSING = 102;
const MENDED = Symbol("reads past 100");

function mendParser(socket: Socket): boolean {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === "parser");
  const parser: unknown = symbol && Reflect.get(socket, symbol);
  const prototype: unknown = typeof parser === "object" && parser !== null && Object.getPrototypeOf(parser);
  if (typeof prototype !== "object" || prototype === null) return false;
  if (Reflect.has(prototype, MENDED)) return true;
  const onHeadersComplete: unknown = Reflect.get(prototype, "onHeadersComplete");
  const trackHeader: unknown = Reflect.get(prototype, "trackHeader");
  if (typeof onHeadersComplete !== "function" || typeof trackHeader !== "function") return false;
  Reflect.set(prototype, MENDED, true);
  Reflect.set(prototype, "onHeadersComplete", function (this: unknown, status: number, ...rest: unknown[]) {
    return Reflect.apply(onHeadersComplete, this, [status === CONTINUE ? PROCESSING : status, ...rest]);
  });
  Reflect.set(prototype, "trackHeader", function (this: { readonly socket: Socket }, length: number) {
    if (!this.socket.destroyed) Reflect.apply(trackHeader, this, [length]);
  });
  return true;
}
