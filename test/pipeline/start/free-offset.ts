import { connect } from "node:net";

/** Every port of a stack before PORT_OFFSET. Source: contract §1, and .env.example for the embedded stores. */
export const PORTS = [4000, 4001, 4002, 4003, 4032, 4092, 4093, 4099];

/**
 * A PORT_OFFSET under which nothing listens. Below 12,000 with every port, where the test stacks' own ports begin.
 */
export async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = 1_000 + 100 * Math.floor(Math.random() * 69);
    if ((await listening(offset)).length === 0) return offset;
  }
}

/** @returns those ports of a stack on which somebody listens */
export async function listening(offset: number): Promise<number[]> {
  const ports = PORTS.map((port) => port + offset);
  const taken = await Promise.all(ports.map(isListening));
  return ports.filter((_, index) => taken[index]);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
