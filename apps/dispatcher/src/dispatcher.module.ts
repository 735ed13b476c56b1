import { randomUUID } from "node:crypto";
import { type DynamicModule, Module } from "@nestjs/common";
import { DEAD_LETTER_CODES, TIER_TOPICS, tierOfTopic } from "@waggle/contracts";
import { createEgressPolicy, createGuardedConnector } from "@waggle/egress";
import {
  HeldTiers,
  KafkaBatchServer,
  KafkaConnections,
  registerConsumerMetrics,
  type WatermarkConsumer,
} from "@waggle/kafka";
import { createSecretBox, newId } from "@waggle/secrets";
import {
  type AppOptions,
  type Config,
  EGRESS_VARIABLES,
  KAFKA_VARIABLES,
  kafkaConnection,
  SERVICE_VARIABLES,
  type Service,
  VERSION,
} from "@waggle/service";
import { Counter, Gauge } from "prom-client";
import { DeliveryEngine } from "./deliver/delivery-engine";
import { LANES } from "./deliver/lanes";
import { DeliveriesConsumer } from "./in/deliveries.consumer";
import { DeliveryIntake } from "./in/delivery-intake";
import { EngineClock } from "./in/engine-clock";
import { OwnDelay } from "./in/own-delay";
import { KafkaDeliveryLog } from "./out/delivery-log.kafka";
import { PrometheusDispatchMeter } from "./out/dispatch-meter.prometheus";
import { GroupMembership } from "./out/group-membership.kafka";
import { UndiciSender } from "./out/sender.undici";
import { DirectoryWebhooks } from "./out/webhooks.directory";

/** What the dispatcher reads from its environment. */
export const DISPATCHER_VARIABLES = [
  ...SERVICE_VARIABLES,
  ...KAFKA_VARIABLES,
  ...EGRESS_VARIABLES,
  "DISPATCHER_PORT",
  "SECRETS_KEYS",
  "TIME_SCALE",
  "ATTEMPT_TIMEOUT_MS",
] as const;

@Module({})
class DispatcherModule {}

export interface DispatcherOptions {
  /** A file of this process alone that survives it: after a crash the next start need not wait for its session to end. */
  readonly memberFile?: string;
}

const GROUP_ID = "waggle-dispatcher";
const MIB = 1_048_576;
/** What may be in flight per lane. A hung receiver holds slots of the slow lane only. */
const LANE_LIMITS = { slots: { fast: 256, slow: 512 }, bytes: 48 * MIB } as const;
/** What may wait in memory before it is parked instead. */
const WAITING = { records: 20_000, bytes: 48 * MIB } as const;
/** What may be out in all before consumption pauses: more than the above, so that only a full fast lane leads to it. */
const INTAKE_LIMITS = { records: 40_000, bytes: 192 * MIB } as const;
/** What the tiers hold until it is due does not count against the above. */
const TIER_LIMITS = { recordsPerPartition: 500, bytes: 64 * MIB } as const;

/** Short against what a receiver takes to answer. */
const FETCH_EVERY = { leastMs: 5, mostMs: 40 } as const;
/**
 * Nobody waits for an outcome: it only has to be written well before its partition's next commit, and before the retry
 * that it may be is due, 5 s of scaled time later.
 */
function produceOptions(timeScale: number) {
  return { linger: { ms: 200 / timeScale, records: 150 } };
}

/** A tier is asked for well before its first record can be due, 5 s of scaled time after it was written. */
function tiersEveryMs(timeScale: number): number {
  return 2_000 / timeScale;
}

/** Wires the dispatcher: deliveries in, deliver, HTTP and the log out. */
export function dispatcherApp(
  service: Service,
  config: Config<(typeof DISPATCHER_VARIABLES)[number]>,
  { memberFile }: DispatcherOptions = {},
): AppOptions {
  const { logger, metrics, readiness } = service;
  const connections = new KafkaConnections({
    ...kafkaConnection(config),
    app: service.name,
    logger,
    metrics,
    onFatal: (reason) => readiness.fail(reason),
    produce: produceOptions(config.TIME_SCALE),
  });
  const blocked = new Counter({
    name: "waggle_blocked_addresses_total",
    help: "Hosts, addresses and ports refused by the egress guard, by where",
    labelNames: ["stage"],
    registers: [metrics],
  });
  const deadLetters = new Counter({
    name: "waggle_dead_letters_total",
    help: "Records put aside because they could not be decoded or processed",
    labelNames: ["reason"],
    registers: [metrics],
  });
  blocked.inc({ stage: "dial" }, 0);
  for (const reason of DEAD_LETTER_CODES) deadLetters.inc({ reason }, 0);
  const policy = createEgressPolicy({
    allowHttpUrls: config.ALLOW_HTTP_URLS,
    allowedPrivateCidrs: config.ALLOWED_PRIVATE_CIDRS,
    onRefused: (stage) => blocked.inc({ stage }),
  });
  const sender = new UndiciSender({ connector: createGuardedConnector(policy) });
  const consumer = (): WatermarkConsumer | null => deliveries.unwrap<WatermarkConsumer | null>();
  const ownDelay = new OwnDelay();
  const engine = new DeliveryEngine(
    {
      webhooks: new DirectoryWebhooks(connections.directory, createSecretBox(config.SECRETS_KEYS), logger),
      sender,
      log: new KafkaDeliveryLog(connections.producer),
      membership: new GroupMembership(consumer),
      meter: new PrometheusDispatchMeter(metrics, logger),
    },
    {
      userAgent: `waggle/${VERSION}`,
      defaultTimeoutMs: config.ATTEMPT_TIMEOUT_MS,
      timeScale: config.TIME_SCALE,
      now: Date.now,
      newTryId: (now) => newId("try", now),
      ownDelayMs: () => ownDelay.ms,
      isSaturated: () => ownDelay.isSaturated,
      lanes: LANE_LIMITS,
      waiting: WAITING,
      processId: randomUUID().slice(0, 8),
      onFatal: (error) => {
        logger.fatal({ err: error }, "delivery.outcome_refused");
        readiness.fail("the outcome of a delivery could not be written");
      },
    },
  );
  const tiers: HeldTiers = new HeldTiers({
    ...TIER_LIMITS,
    onDue: (record) => intake.due(record),
    gate: () => !consumer()?.isFull,
    pause: (topic, partition) => consumer()?.pause(topic, partition),
    resume: (topic, partition) => consumer()?.resume(topic, partition),
    rewind: (topic, partition, offset) => consumer()?.rewind(topic, partition, offset),
    now: Date.now,
  });
  const intake = new DeliveryIntake({
    engine,
    tiers,
    deadLetters: (record) => connections.producer.send([record]),
    onDeadLetter: (reason) => deadLetters.inc({ reason }),
    logger,
    now: Date.now,
  });
  const deliveries = new KafkaBatchServer({
    kafka: connections.kafka,
    groupId: GROUP_ID,
    logger,
    limits: INTAKE_LIMITS,
    fetch: { every: FETCH_EVERY, seldom: { topics: TIER_TOPICS, everyMs: tiersEveryMs(config.TIME_SCALE) } },
    ...(memberFile === undefined ? {} : { memberFile }),
    onLost: (partitions) => intake.lost(partitions),
    onRoom: () => tiers.poke(),
    inFlight: () => engine.inFlight,
    onFatal: (reason) => readiness.fail(reason),
    drained: async () => {
      tiers.close();
      await engine.drain();
    },
  });
  registerConsumerMetrics(metrics, new Map([[GROUP_ID, consumer]]), Date.now);
  registerTierMetrics(service, tiers);
  registerEngineMetrics(service, engine);
  connections.directory.onChange((record) => {
    if (record.kind === "webhook") engine.webhookChanged(record.id);
  });
  const clock = new EngineClock(engine);
  const module: DynamicModule = {
    module: DispatcherModule,
    controllers: [DeliveriesConsumer],
    providers: [
      { provide: DeliveryIntake, useValue: intake },
      { provide: EngineClock, useValue: clock },
      { provide: OwnDelay, useValue: ownDelay },
      { provide: UndiciSender, useValue: sender },
      { provide: KafkaConnections, useValue: connections },
    ],
  };
  return {
    module,
    host: config.BIND_HOST,
    port: config.DISPATCHER_PORT,
    beforeWork: async () => {
      await connections.open();
      clock.start();
    },
    transports: () => [deliveries],
  };
}

function registerTierMetrics({ metrics }: Service, tiers: HeldTiers): void {
  new Gauge({
    name: "waggle_retry_overdue_seconds",
    help: "How late the most overdue delivery of a retry tier is",
    labelNames: ["tier"],
    registers: [metrics],
    collect() {
      for (const topic of TIER_TOPICS) this.set({ tier: tierOfTopic(topic) ?? topic }, tiers.overdueMs(topic) / 1_000);
    },
  });
}

function registerEngineMetrics({ metrics }: Service, engine: DeliveryEngine): void {
  new Gauge({
    name: "waggle_in_flight",
    help: "Attempts in flight, by lane",
    labelNames: ["lane"],
    registers: [metrics],
    collect() {
      for (const lane of LANES) this.set({ lane }, engine.inFlightIn(lane));
    },
  });
  new Gauge({
    name: "waggle_circuits_open",
    help: "Webhooks whose circuit is open",
    registers: [metrics],
    collect() {
      this.set(engine.openCircuits);
    },
  });
}
