/** One record as it goes to Kafka, whatever the client. */
export interface WireRecord {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
  /** Where it must go; by hash of the key when absent. */
  readonly partition?: number;
}

/** One record as it comes from Kafka: a header that was sent twice holds the last value. */
export interface ReceivedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}
