import { EMAIL_EVENTS, EMAIL_INBOUND, WEBHOOK_ATTEMPTS, WEBHOOK_DELIVERIES } from "@waggle/contracts";
import {
  type GroupOfTopic,
  KafkaBatchServer,
  type KafkaBatchServerOptions,
  registerConsumerMetrics,
  type WatermarkConsumer,
} from "@waggle/kafka";
import type { Service } from "@waggle/service";
import type { MailArchive } from "../../observe/inbound/mail-archive";
import type { AttemptIntake, DeliveryIntake, EventIntake } from "../../observe/intakes";

/** Nest gives a handler to the transport of the same id only; without, every group would read every topic. */
export const DELIVERIES_TRANSPORT = Symbol("deliveries");
export const ATTEMPTS_TRANSPORT = Symbol("attempts");
export const EVENTS_TRANSPORT = Symbol("events");
export const INBOUND_TRANSPORT = Symbol("inbound");

/** What is held while PostgreSQL is away. Deliveries wait a second for their attempts, and carry bodies. */
const DELIVERIES_LIMITS = { records: 20_000, bytes: 67_108_864 } as const;
const ATTEMPTS_LIMITS = { records: 10_000, bytes: 33_554_432 } as const;
const EVENTS_LIMITS = { records: 10_000, bytes: 33_554_432 } as const;
/** Mail is counted in megabytes. */
const INBOUND_LIMITS = { records: 1_000, bytes: 33_554_432 } as const;

/** A part of the time a shutdown may take: what PostgreSQL has not taken by then is read again. */
const DRAIN_LIMIT_MS = 10_000;

/** The log may be some seconds behind, so it asks for much at a time. */
const FETCH_EVERY = { leastMs: 500, mostMs: 500 } as const;
const MAX_WAIT_MS = 500;

/** Holds what a busy producer writes of a partition at once: attempts carry up to 16 KiB of a response, deliveries a body. */
const MAX_BYTES_PER_PARTITION = 1_048_576;

/** What the log's groups begin with; each topic is read at its own pace. */
export const LOG_GROUP = "waggle-health";

/** Who reads the attempts. */
export function attemptsGroup(group: string): string {
  return `${group}-attempts`;
}

/** Which group reads which topic into the log. */
export function logReads(group: string): readonly GroupOfTopic[] {
  return [
    { groupId: `${group}-deliveries`, topic: WEBHOOK_DELIVERIES },
    { groupId: attemptsGroup(group), topic: WEBHOOK_ATTEMPTS },
    { groupId: `${group}-events`, topic: EMAIL_EVENTS },
    { groupId: `${group}-inbound`, topic: EMAIL_INBOUND },
  ];
}

export interface LogTransportsOptions {
  readonly service: Service;
  readonly kafka: KafkaBatchServerOptions["kafka"];
  /** What the groups begin with: `LOG_GROUP`, but in tests. */
  readonly group: string;
  readonly deliveries: DeliveryIntake;
  readonly attempts: AttemptIntake;
  readonly events: EventIntake;
  readonly inbound: MailArchive;
}

/** How records reach the log. */
export class LogTransports {
  readonly servers: readonly KafkaBatchServer[];
  private readonly consumers: readonly (() => WatermarkConsumer | null)[];

  constructor({ service, kafka, group, deliveries, attempts, events, inbound }: LogTransportsOptions) {
    const { logger, metrics, readiness } = service;
    const common = {
      kafka,
      logger,
      fetch: { every: FETCH_EVERY },
      maxWaitMs: MAX_WAIT_MS,
      maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
      onFatal: (reason: string) => readiness.fail(reason),
    };
    const ofDeliveries = new KafkaBatchServer({
      ...common,
      groupId: `${group}-deliveries`,
      limits: DELIVERIES_LIMITS,
      drained: () => deliveries.drain(DRAIN_LIMIT_MS),
    });
    ofDeliveries.setTransportId(DELIVERIES_TRANSPORT);
    const ofAttempts = new KafkaBatchServer({
      ...common,
      groupId: `${group}-attempts`,
      limits: ATTEMPTS_LIMITS,
      drained: () => attempts.drain(DRAIN_LIMIT_MS),
    });
    ofAttempts.setTransportId(ATTEMPTS_TRANSPORT);
    const ofEvents = new KafkaBatchServer({
      ...common,
      groupId: `${group}-events`,
      limits: EVENTS_LIMITS,
      drained: () => events.drain(DRAIN_LIMIT_MS),
    });
    ofEvents.setTransportId(EVENTS_TRANSPORT);
    const ofInbound = new KafkaBatchServer({
      ...common,
      groupId: `${group}-inbound`,
      limits: INBOUND_LIMITS,
      drained: () => inbound.drain(DRAIN_LIMIT_MS),
    });
    ofInbound.setTransportId(INBOUND_TRANSPORT);
    this.servers = [ofDeliveries, ofAttempts, ofEvents, ofInbound];
    const consumers = new Map([
      [`${group}-deliveries`, () => ofDeliveries.unwrap<WatermarkConsumer | null>()],
      [`${group}-attempts`, () => ofAttempts.unwrap<WatermarkConsumer | null>()],
      [`${group}-events`, () => ofEvents.unwrap<WatermarkConsumer | null>()],
      [`${group}-inbound`, () => ofInbound.unwrap<WatermarkConsumer | null>()],
    ]);
    this.consumers = [...consumers.values()];
    registerConsumerMetrics(metrics, consumers, Date.now);
  }

  /** What this process does in the partitions it owns, of every topic. */
  get assigned(): WatermarkConsumer["assigned"] {
    return this.consumers.flatMap((consumer) => consumer()?.assigned ?? []);
  }
}
