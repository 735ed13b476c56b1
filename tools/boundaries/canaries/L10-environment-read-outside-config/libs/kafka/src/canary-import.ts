import { env } from "node:process";

export const brokers = env.KAFKA_BROKERS;
