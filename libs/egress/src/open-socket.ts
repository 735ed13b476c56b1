import { connect, isIP, type Socket, SocketAddress } from "node:net";
import { classifyConnectError } from "./classify-connect-error";
import { EgressError } from "./egress-error";
import { socketReady } from "./socket-ready";

/** A second address is tried when the first cannot be connected to; more would let one name multiply our connects. */
const MAX_DIALLED = 2;

/**
 * A TCP connection to one of `addresses`, all of which were judged. IPv4 first and then IPv6, or the first two of one
 * family; each gets an equal share of `limitMs`. Fails with what happened to the first, the preferred one.
 */
export async function openSocket(addresses: readonly string[], port: number, limitMs: number): Promise<Socket> {
  const [preferred, fallback] = pickDialled(addresses);
  if (preferred === undefined) throw new EgressError("dns_failed", "the name has no address");
  if (fallback === undefined) return dial(preferred, port, limitMs);
  const share = limitMs / MAX_DIALLED;
  return dial(preferred, port, share).catch((error: unknown) => {
    if (error instanceof EgressError && error.code === "address_refused") throw error;
    return dial(fallback, port, share).catch(() => {
      throw error;
    });
  });
}

function pickDialled(addresses: readonly string[]): readonly string[] {
  const ipv4 = addresses.filter((address) => isIP(address) === 4);
  const ipv6 = addresses.filter((address) => isIP(address) === 6);
  const interleaved = [...ipv4.slice(0, 1), ...ipv6.slice(0, 1), ...ipv4.slice(1), ...ipv6.slice(1)];
  return interleaved.slice(0, MAX_DIALLED);
}

async function dial(address: string, port: number, limitMs: number): Promise<Socket> {
  // An address as host: net.connect resolves nothing, so what was judged is what is dialled.
  const socket = connect({ host: address, port, noDelay: true });
  await socketReady(socket, "connect", limitMs, (error) => {
    return new EgressError(classifyConnectError(error), "the connection could not be opened", { cause: error });
  });
  const peer = socket.remoteAddress;
  if (peer !== undefined && canonical(peer) === canonical(address)) return socket;
  socket.destroy();
  throw peer === undefined
    ? new EgressError("connection_reset", "the connection was closed at once")
    : new EgressError("address_refused", "another address answered than the one dialled");
}

/** One spelling for each address: IPv6 has many. */
function canonical(address: string): string {
  return new SocketAddress({ address, family: isIP(address) === 4 ? "ipv4" : "ipv6" }).address;
}
