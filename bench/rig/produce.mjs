/** Records straight into a topic, past the apps. */
import kafkajs from "kafkajs";

/** As a busy dispatcher: a batch above what a partition brings in one fetch would be fetched alone. */
const BATCH = 500;

/** @param {string} brokers @param {string} topic @param {Iterable<{ key: string, value: string }>} records */
export async function produce(brokers, topic, records) {
  const kafka = new kafkajs.Kafka({ clientId: "bench", brokers: brokers.split(","), logLevel: kafkajs.logLevel.ERROR });
  const producer = kafka.producer();
  await producer.connect();
  let batch = [];
  const flush = async () => {
    await producer.send({ topic, messages: batch });
    batch = [];
  };
  for (const record of records) {
    batch.push(record);
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  await producer.disconnect();
}
