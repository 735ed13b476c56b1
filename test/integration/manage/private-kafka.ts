import { TOPICS } from "@waggle/contracts";
import { createKafka, ensureTopics } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { PrivateBroker } from "@waggle/testing";

/** A broker of a test's own, with waggle's topics: its directory holds nobody else's things. */
export interface PrivateKafka {
  readonly broker: PrivateBroker;
  readonly client: ReturnType<typeof createKafka>;
}

export async function startPrivateKafka(): Promise<PrivateKafka> {
  const broker = await PrivateBroker.start();
  const logger = createLogger("test", "silent");
  const client = createKafka({ brokers: broker.brokers, ssl: false, sasl: null, clientId: "test", logger });
  await ensureTopics(client, TOPICS, 1);
  return { broker, client };
}
