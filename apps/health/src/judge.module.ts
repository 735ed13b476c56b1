import { type DynamicModule, Module } from "@nestjs/common";
import type { FinishedThroughOptions, KafkaBatchServerOptions } from "@waggle/kafka";
import type { Database } from "@waggle/postgres";
import type { Service } from "@waggle/service";
import { Counter } from "prom-client";
import { GrpcIncidentsController } from "./in/grpc/incidents.controller";
import { IncidentController } from "./in/http/incident.controller";
import { BackgroundWork } from "./in/runners/background-work";
import { RepeatedWork } from "./in/runners/repeated-work";
import { AlertSender } from "./judge/alerts/alert-sender";
import { AttemptJudge } from "./judge/attempt-judge";
import { FailureJudge } from "./judge/failure-judge";
import { IncidentWatch } from "./judge/incidents/incident-watch";
import { Incidents } from "./judge/incidents/incidents";
import { Isolation } from "./judge/isolation";
import { Sweep } from "./judge/sweep";
import type { Judge } from "./observe/intakes";
import { PostgresAlertQueue } from "./out/judge/alert-queue.postgres";
import { registerIncidentGauge } from "./out/judge/incident-gauge";
import { PostgresIncidents } from "./out/judge/incidents.postgres";
import { PostgresJudgedWebhooks } from "./out/judge/judged-webhooks.postgres";
import { KafkaKnownAttempts } from "./out/judge/known-attempts.kafka";
import { SmtpMailServer } from "./out/judge/mail-server.smtp";
import type { CountDisabled } from "./out/manage/disable-counter";

/** What the environment says about judging. */
export interface JudgePolicy {
  readonly timeScale: number;
  /** Where mails go; an empty `url`: nowhere. */
  readonly alerts: { readonly url: string; readonly from: string };
}

export interface JudgeOptions extends JudgePolicy {
  readonly service: Service;
  readonly kafka: KafkaBatchServerOptions["kafka"];
  /** For what follows from attempts at once. */
  readonly writers: Database;
  /** For the sweep and for mails. */
  readonly database: Database;
  /** What this process does in the partitions of the attempts. */
  readonly assigned: FinishedThroughOptions["assigned"];
  /** Who reads the attempts into the log. */
  readonly attemptsGroup: string;
  readonly onDisabled: CountDisabled;
}

/** Half of what a judgement may be late by: a log that is busy is known up to the sweep before. */
const SWEEP_EVERY_MS = 30_000;
const SWEEP_AT_MOST_EVERY_MS = 500;

const MAILS_EVERY_MS = 1_000;
const DEFAULT_FROM = "waggle <waggle@localhost>";

@Module({})
class JudgeModule {}

/** Wires the judgement of webhooks: by attempts as they are stored, by time, and the mails that tell of it. */
export function judgeModule(options: JudgeOptions): { readonly module: DynamicModule; readonly judge: Judge } {
  const { service, kafka, writers, database, assigned, attemptsGroup, timeScale, alerts, onDisabled } = options;
  const { logger, metrics } = service;
  const now = Date.now;
  const kept = { now, mails: alerts.url !== "" };
  const givenUp = new Counter({
    name: "waggle_judgements_failed_total",
    help: "Judgements of a webhook that were given up, for another reason than a part of ours being away",
    registers: [metrics],
  });
  const known = new KafkaKnownAttempts(kafka, { assigned, groupId: attemptsGroup, now });
  const store = new PostgresIncidents(database);
  const incidents = new IncidentWatch({ store, timeScale, now, logger });
  const isolation = new Isolation({ logger, onGivenUp: () => givenUp.inc() });
  const judging = { incidents, known, isolation, timeScale, now, logger, onDisabled };

  const ofAttempts = new PostgresJudgedWebhooks(writers, kept);
  const attemptJudge = new AttemptJudge({
    webhooks: ofAttempts,
    failures: new FailureJudge({ ...judging, webhooks: ofAttempts }),
    isolation,
    now,
    logger,
    onDisabled,
  });

  const webhooks = new PostgresJudgedWebhooks(database, kept);
  const sweep = new Sweep({ webhooks, failures: new FailureJudge({ ...judging, webhooks }), known, incidents });
  registerIncidentGauge(service.metrics, database);
  const works = [
    new RepeatedWork({
      work: () => sweep.run(),
      everyMs: Math.max(SWEEP_EVERY_MS / timeScale, SWEEP_AT_MOST_EVERY_MS),
      failed: "judge.sweep_failed",
      logger,
    }),
  ];
  if (kept.mails) {
    const server = new SmtpMailServer({ url: alerts.url, from: alerts.from || DEFAULT_FROM });
    const sender = new AlertSender({ queue: new PostgresAlertQueue(database), server, now, logger });
    const work = () => sender.sendDue();
    works.push(new RepeatedWork({ work, everyMs: MAILS_EVERY_MS, failed: "alert.queue_failed", logger }));
  }
  return {
    judge: attemptJudge,
    module: {
      module: JudgeModule,
      controllers: [IncidentController, GrpcIncidentsController],
      providers: [
        { provide: Incidents, useValue: new Incidents(store, now) },
        { provide: BackgroundWork, useValue: new BackgroundWork(works) },
        { provide: KafkaKnownAttempts, useValue: known },
      ],
    },
  };
}
