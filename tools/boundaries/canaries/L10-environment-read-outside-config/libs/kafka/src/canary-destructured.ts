const { env: surroundings } = process;

export const brokers = surroundings.KAFKA_BROKERS;
