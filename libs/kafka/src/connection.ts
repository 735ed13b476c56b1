import { type ISocketFactory, Kafka, type LogEntry, logLevel, type SASLOptions } from "kafkajs";
import { patchKafkajs } from "./patch-kafkajs";

/** The part of a logger this lib uses; pino's has this shape. */
export interface KafkaLogger {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl: {
    readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
    readonly username: string;
    readonly password: string;
  } | null;
  /** Shown by the brokers' own tools. */
  readonly clientId: string;
  readonly logger: KafkaLogger;
  /** Milliseconds a request may take; a frozen broker is noticed after this long. Default 8,000. */
  readonly requestTimeoutMs?: number;
  readonly socketFactory?: ISocketFactory;
}

/** kafkajs changes its retry defaults with `NODE_ENV`, so they are always set. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, multiplier: 2, factor: 0.2, retries: 8 } as const;

/** Lines that kafkajs prints as errors although it mends them by itself and so do we. */
const BENIGN =
  /not aware of this member|rebalancing|not the leader|not leader|Limiting retries for the idempotent|coordinator is loading|coordinator is not available|not the correct coordinator|does not host this topic-partition/i;

/** A client for one app. Connections are made when a producer or consumer first needs them. */
export function createKafka(options: KafkaOptions): Kafka {
  patchKafkajs();
  return new Kafka({
    brokers: inTurn(options.brokers),
    ssl: options.ssl,
    ...(options.sasl ? { sasl: saslOptions(options.sasl) } : {}),
    ...(options.socketFactory ? { socketFactory: options.socketFactory } : {}),
    clientId: options.clientId,
    connectionTimeout: 3_000,
    requestTimeout: options.requestTimeoutMs ?? 8_000,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => logEntry(options.logger, entry),
  });
}

/**
 * Names another broker every time: each producer, consumer and admin that kafkajs makes turns to the first it is told,
 * so all that are made in place of one that failed would turn to the same, though it may be the one that fails.
 */
function inTurn(brokers: readonly string[]): () => string[] {
  let turn = 0;
  return () => {
    const at = turn % brokers.length;
    turn += 1;
    return brokers.slice(at, at + 1);
  };
}

function saslOptions({ mechanism, username, password }: NonNullable<KafkaOptions["sasl"]>): SASLOptions {
  switch (mechanism) {
    case "plain":
      return { mechanism, username, password };
    case "scram-sha-256":
      return { mechanism, username, password };
    case "scram-sha-512":
      return { mechanism, username, password };
  }
}

function logEntry(logger: KafkaLogger, { namespace, level, log }: LogEntry): void {
  const { message, logger: _name, timestamp: _at, stack: _stack, ...fields } = log;
  const error = typeof fields.error === "string" ? fields.error : "";
  const line = { kafkajs: namespace, detail: message, ...fields };
  if (BENIGN.test(message) || BENIGN.test(error)) logger.debug(line, "kafka.client");
  else if (level === logLevel.ERROR) logger.warn(line, "kafka.client");
  else logger.debug(line, "kafka.client");
}
