/** Kafka for waggle: batching producer, watermark consumer, held tiers, the directory as a table, Nest transport. */

export { BatchingProducer, type BatchingProducerOptions, type SendOptions } from "./batching-producer";
export type { TopicPartition } from "./committed-positions";
export { CommittedThrough, type CommittedThroughOptions, type GroupOfTopic } from "./committed-through";
export { createKafka, type KafkaLogger, type KafkaOptions } from "./connection";
export type { ConsumedRecord } from "./consumed-record";
export { registerConsumerMetrics } from "./consumer-metrics";
export { DirectoryTable, type DirectoryTableOptions } from "./directory-table";
export { ensureTopics } from "./ensure-topics";
export { FinishedThrough, type FinishedThroughOptions } from "./finished-through";
export { HeldTiers, type HeldTiersOptions } from "./held-tiers";
export { KafkaBatchServer, type KafkaBatchServerOptions } from "./kafka-batch-server";
export { KafkaConnections, type KafkaConnectionsOptions } from "./kafka-connections";
export { OffsetLookup } from "./offset-lookup";
export type { ProduceErrorCode } from "./produce-error";
export { type FollowedRecord, TopicFollower, type TopicFollowerOptions } from "./topic-follower";
export { WatermarkConsumer, type WatermarkConsumerOptions } from "./watermark-consumer";
