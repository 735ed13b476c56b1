import { connect, type Socket } from "node:net";
import { createKafka, OffsetLookup } from "@waggle/kafka";
import { testBrokers } from "@waggle/testing";
import { client, newTopic, silent } from "./lab";

jest.setTimeout(60_000);

describe("the lookup of offsets", () => {
  const sockets: Socket[] = [];
  const kafka = createKafka({
    brokers: testBrokers(),
    ssl: false,
    sasl: null,
    clientId: "test",
    logger: silent,
    requestTimeoutMs: 500,
    socketFactory: ({ host, port, onConnect }) => {
      const socket = connect({ host, port }, onConnect);
      sockets.push(socket);
      return socket;
    },
  });
  const lookup = new OffsetLookup(kafka);

  afterAll(async () => {
    await lookup.disconnect();
    for (const socket of sockets) socket.destroy();
  });

  it("asks over new connections once those it had no longer answer", async () => {
    const topic = await newTopic(client());
    await expect(lookup.fetchTopicOffsets(topic)).resolves.toHaveLength(1);
    // As when something on the way has forgotten the connections: nothing arrives, and nobody is told.
    for (const socket of sockets) jest.spyOn(socket, "write").mockReturnValue(true);
    await expect(lookup.fetchTopicOffsets(topic)).rejects.toThrow("timed out");
    await expect(lookup.fetchTopicOffsets(topic)).resolves.toHaveLength(1);
  });

  it("asks nothing more once it is closed", async () => {
    const topic = await newTopic(client());
    const closed = new OffsetLookup(kafka);
    await closed.disconnect();
    await expect(closed.fetchTopicOffsets(topic)).rejects.toThrow("closed");
  });
});
