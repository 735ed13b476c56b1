/** The brokers that Jest's global setup started for this run. */
export function testBrokers(): string[] {
  const brokers = process.env.WAGGLE_TEST_KAFKA_BROKERS;
  if (!brokers) throw new Error("there is no Kafka: this spec belongs to the integration or pipeline project");
  return brokers.split(",");
}
