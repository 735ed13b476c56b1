import { type ICustomPartitioner, Partitioners } from "kafkajs";

/**
 * The partition of a record by its key, as Kafka's own clients choose it (murmur2 over 32 bits, `Utils.murmur2` in
 * Apache Kafka), so that other programs may write to our topics. kafkajs computes the same number with integers that
 * grow with every four bytes: a key of 250 KB, which a publisher may send, takes it 14 s of CPU.
 */
export const keyPartitioner: ICustomPartitioner = () => {
  const withoutKey = Partitioners.DefaultPartitioner();
  return (record) => {
    const { key } = record.message;
    if (typeof record.message.partition === "number") return record.message.partition;
    if (key === null || key === undefined) return withoutKey(record);
    return partitionOfKey(key, record.partitionMetadata.length);
  };
};

/** The partition, of so many, that records with this key go to. */
export function partitionOfKey(key: string | Buffer, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const { imul } = Math;

/** The 32-bit hash as a signed integer. */
export function murmur2(key: Buffer): number {
  const whole = key.length & ~3;
  let hash = SEED ^ key.length;
  for (let at = 0; at < whole; at += 4) {
    const mixed = imul(key.readInt32LE(at), MULTIPLIER);
    hash = imul(hash, MULTIPLIER) ^ imul(mixed ^ (mixed >>> 24), MULTIPLIER);
  }
  const tail = key.length - whole;
  if (tail > 0) hash = imul(hash ^ key.readUIntLE(whole, tail), MULTIPLIER);
  hash = imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}
