/** kafkajs's connection to a broker; connecting to the first one includes a request, for the versions it speaks. */
interface Broker {
  readonly brokerAddress: string;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/** What kafkajs takes for a broker that cannot be reached: it turns to another. */
class SilentBrokerError extends Error {
  override readonly name = "KafkaJSConnectionError";
  readonly retriable = true;

  constructor(broker: string, cause: unknown) {
    super(`${broker} took the connection and does not answer`, { cause });
  }
}

/**
 * The kernel takes connections for a broker that stands still. kafkajs then tries that broker again and no other, and
 * takes the connection, left half made, for a good one: every request over it fails, also when the broker answers
 * again. Gives up the connection that a broker did not answer on, and the broker for the moment.
 */
export function patchBrokerConnect(): void {
  const { prototype }: { prototype: Broker } = require("kafkajs/src/broker");
  const { connect } = prototype;
  prototype.connect = async function connectToTheEnd(this: Broker) {
    try {
      await connect.call(this);
    } catch (error) {
      if (!isTimeout(error)) throw error;
      await this.disconnect();
      throw new SilentBrokerError(this.brokerAddress, error);
    }
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "KafkaJSRequestTimeoutError";
}
