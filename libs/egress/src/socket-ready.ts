import type { Socket } from "node:net";
import { EgressError } from "./egress-error";

/**
 * Waits until `socket` emits `event`. When it fails first, or `limitMs` passes, the socket is destroyed and the
 * promise rejects with `toError(error)`, or with EgressError `timeout`.
 */
export function socketReady(
  socket: Socket,
  event: "connect" | "secureConnect",
  limitMs: number,
  toError: (error: unknown) => EgressError,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: EgressError): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new EgressError("timeout", `no ${event} in time`)), limitMs);
    socket.once(event, () => {
      clearTimeout(timer);
      resolve();
    });
    // Stays attached: an error between here and the HTTP client's own listener would otherwise end the process.
    socket.on("error", (error) => fail(toError(error)));
    socket.once("close", () => fail(new EgressError("connection_reset", "the connection was closed")));
  });
}
