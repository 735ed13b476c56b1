import {
  KafkaBatchServer,
  type KafkaBatchServerOptions,
  registerConsumerMetrics,
  type WatermarkConsumer,
} from "@waggle/kafka";
import type { Service } from "@waggle/service";
import type { AttemptIntake, DeliveryIntake } from "../observe/intakes";

/** One group per topic: each is read at its own pace, and spread over processes by itself. */
const DELIVERIES_GROUP = "waggle-health-deliveries";
const ATTEMPTS_GROUP = "waggle-health-attempts";

/** Nest gives a handler to the transport of the same id only; without, both groups would read both topics. */
export const DELIVERIES_TRANSPORT = Symbol(DELIVERIES_GROUP);
export const ATTEMPTS_TRANSPORT = Symbol(ATTEMPTS_GROUP);

/** What is held while PostgreSQL is away. Deliveries wait a second for their attempts, and carry bodies. */
const DELIVERIES_LIMITS = { records: 20_000, bytes: 67_108_864 } as const;
const ATTEMPTS_LIMITS = { records: 10_000, bytes: 33_554_432 } as const;

/** Held back from the shutdown's limit: what PostgreSQL has not taken by then is read again. */
const DRAIN_LIMIT_MS = 10_000;

/** How records reach the log. */
export class LogTransports {
  readonly servers: readonly KafkaBatchServer[];

  constructor(
    { logger, metrics, readiness }: Service,
    kafka: KafkaBatchServerOptions["kafka"],
    intakes: { readonly deliveries: DeliveryIntake; readonly attempts: AttemptIntake },
  ) {
    const common = { kafka, logger, onFatal: (reason: string) => readiness.fail(reason) };
    const deliveries = new KafkaBatchServer({
      ...common,
      groupId: DELIVERIES_GROUP,
      limits: DELIVERIES_LIMITS,
      drained: () => intakes.deliveries.drain(DRAIN_LIMIT_MS),
    });
    deliveries.setTransportId(DELIVERIES_TRANSPORT);
    const attempts = new KafkaBatchServer({
      ...common,
      groupId: ATTEMPTS_GROUP,
      limits: ATTEMPTS_LIMITS,
      drained: () => intakes.attempts.drain(DRAIN_LIMIT_MS),
    });
    attempts.setTransportId(ATTEMPTS_TRANSPORT);
    this.servers = [deliveries, attempts];
    const consumers = new Map([
      [DELIVERIES_GROUP, () => deliveries.unwrap<WatermarkConsumer | null>()],
      [ATTEMPTS_GROUP, () => attempts.unwrap<WatermarkConsumer | null>()],
    ]);
    registerConsumerMetrics(metrics, consumers, Date.now);
  }
}
