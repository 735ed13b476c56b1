import type { Socket } from "node:net";

export interface SocketLifetime {
  /** From this age on no further request starts on the socket, ms. */
  readonly retireAfterMs: number;
  /** At this age it is destroyed, whatever it does, ms. */
  readonly maxAgeMs: number;
}

/**
 * Ends a pooled socket by age, so that a name's old address is not used for ever, without cutting a request.
 * undici tells the socket when it is idle and when it is needed, by unref() and ref(), synchronously and before it
 * starts the next request (lib/dispatcher/client-h1.js, resumeH1); destroying it inside unref() makes undici connect
 * anew for whatever is queued. test/regressions/egress-socket-retirement.spec.ts holds undici to that.
 */
export function retireSocket(socket: Socket, lifetime: SocketLifetime): void {
  let idle = false;
  let retired = false;
  const unref = socket.unref.bind(socket);
  const ref = socket.ref.bind(socket);

  socket.unref = () => {
    idle = true;
    if (retired) socket.destroy();
    return unref();
  };
  socket.ref = () => {
    idle = false;
    return ref();
  };

  const retirement = setTimeout(() => {
    retired = true;
    if (idle) socket.destroy();
  }, lifetime.retireAfterMs);
  const end = setTimeout(() => socket.destroy(), lifetime.maxAgeMs);
  retirement.unref();
  end.unref();
  socket.once("close", () => {
    clearTimeout(retirement);
    clearTimeout(end);
  });
}
