import type { Socket } from "node:net";
import { type createGuardedConnector, EgressError, type LookupHost } from "@waggle/egress";

type Connector = ReturnType<typeof createGuardedConnector>;

export type DialResult =
  | { readonly socket: Socket; readonly code: undefined }
  | { readonly socket: undefined; readonly code: string };

const opened = new Set<Socket>();

/** Connects as undici would for this URL, without sending a request. What it opens, hangUp() closes. */
export function dial(connector: Connector, url: string): Promise<DialResult> {
  const { protocol, hostname, port, host } = new URL(url);
  const options = { protocol, hostname: hostname.replace(/^\[|\]$/g, ""), host, port, servername: "other.acme.com" };
  return new Promise((resolve) => {
    connector(options, (...[error, socket]) => {
      if (error === null) {
        opened.add(socket);
        resolve({ socket, code: undefined });
      } else resolve({ socket: undefined, code: error instanceof EgressError ? error.code : String(error) });
    });
  });
}

/** For afterEach, so that a test that fails leaves nothing open. */
export function hangUp(): void {
  for (const socket of opened) socket.destroy();
  opened.clear();
}

/** A lookup that gives each of `answers` once, then the last one for ever. */
export function lookupAnswering(...answers: readonly (readonly string[])[]): LookupHost & { asked: string[] } {
  const asked: string[] = [];
  const lookup = async (name: string): Promise<readonly string[]> => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(name);
    return answer;
  };
  return Object.assign(lookup, { asked });
}
