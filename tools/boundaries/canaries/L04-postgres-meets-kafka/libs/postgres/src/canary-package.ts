import type { Kafka } from "kafkajs";

export type Relay = Kafka;
