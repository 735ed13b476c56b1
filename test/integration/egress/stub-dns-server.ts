import { createSocket } from "node:dgram";
import { once } from "node:events";

export type AddressFamily = "A" | "AAAA";

/** Addresses (IPv6 in eight full groups), or how the name server misbehaves. */
export type StubAnswer = readonly string[] | "name_error" | "server_failure" | "silence";

export interface StubDnsServer {
  /** `address:port`, as createDnsLookup takes it. */
  readonly server: string;
  /** Every question so far, as `A example.com`. */
  readonly questions: readonly string[];
  close(): Promise<void>;
}

const TYPE: Readonly<Record<AddressFamily, number>> = { A: 1, AAAA: 28 };
const RESPONSE_CODE = { addresses: 0, server_failure: 2, name_error: 3 } as const;

/** A name server on loopback (RFC 1035 over UDP) that answers what `answer` says. */
export async function startStubDnsServer(
  answer: (name: string, family: AddressFamily) => StubAnswer,
): Promise<StubDnsServer> {
  const questions: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, peer) => {
    const { name, family, end } = readQuestion(query);
    questions.push(`${family} ${name}`);
    const answered = answer(name, family);
    if (answered !== "silence")
      socket.send(response(query.subarray(0, end), family, answered), peer.port, peer.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    server: `127.0.0.1:${socket.address().port}`,
    questions,
    close: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

function readQuestion(query: Buffer): { name: string; family: AddressFamily; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), family: query.readUInt16BE(at + 1) === TYPE.A ? "A" : "AAAA", end: at + 5 };
}

function response(question: Buffer, family: AddressFamily, answered: Exclude<StubAnswer, "silence">): Buffer {
  const addresses = typeof answered === "string" ? [] : answered;
  const head = Buffer.from(question);
  const code = typeof answered === "string" ? RESPONSE_CODE[answered] : RESPONSE_CODE.addresses;
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...addresses.map((address) => record(family, address))]);
}

function record(family: AddressFamily, address: string): Buffer {
  const data =
    family === "A"
      ? Buffer.from(address.split(".").map(Number))
      : Buffer.concat(address.split(":").map((group) => Buffer.from(group.padStart(4, "0"), "hex")));
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name of the question
  head.writeUInt16BE(TYPE[family], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
