import type { Socket } from "node:net";
import type { buildConnector } from "undici";

/**
 * Makes undici read past a `100 Continue` that it did not ask for, as a client must (RFC 9110 §15.2) and as it does past
 * any other 1xx. By itself it ends the connection, and an event that was accepted would count as failed and come again.
 * What decides this is a method of its parser, which it attaches to the socket and does not export: so the first socket
 * is looked at, and nothing changes when an undici has no such parser.
 * test/integration/dispatcher/hostile-responses.spec.ts holds undici to that.
 */
export function readingPastContinue(connector: buildConnector.connector): buildConnector.connector {
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
  const original: unknown = Reflect.get(prototype, "onHeadersComplete");
  if (typeof original !== "function") return false;
  if (Reflect.has(prototype, MENDED)) return true;
  Reflect.set(prototype, MENDED, true);
  Reflect.set(prototype, "onHeadersComplete", function (this: unknown, status: number, ...rest: unknown[]) {
    return Reflect.apply(original, this, [status === CONTINUE ? PROCESSING : status, ...rest]);
  });
  return true;
}
