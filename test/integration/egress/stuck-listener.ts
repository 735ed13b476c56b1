import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

export interface StuckListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens, says where, and then never lets its event loop accept anything. */
const NEVER_ACCEPTS = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** A port on loopback where a connection can no longer be opened: its backlog is full and nobody empties it. */
export async function startStuckListener(): Promise<StuckListener> {
  const worker = new Worker(NEVER_ACCEPTS, { eval: true });
  const [port]: number[] = await once(worker, "message");
  if (port === undefined) throw new Error("the listener named no port");
  const fillers: Socket[] = [];
  for (let full = false; !full; ) {
    const filler = connect({ host: "127.0.0.1", port });
    filler.on("error", () => undefined);
    fillers.push(filler);
    full = await Promise.race([
      once(filler, "connect").then(() => false),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 250)),
    ]);
  }
  return {
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}
