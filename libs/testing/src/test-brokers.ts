/** The brokers that Jest's global setup started for this run. */
export function testBrokers(): string[] {
  // biome-ignore lint/style/noProcessEnv: Jest hands values from its global setup to its workers in no other way
  const brokers = process.env.WAGGLE_TEST_KAFKA_BROKERS;
  if (!brokers) throw new Error("there is no Kafka: this spec belongs to the integration or pipeline project");
  return brokers.split(",");
}
