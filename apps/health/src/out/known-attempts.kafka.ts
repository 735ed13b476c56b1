import { setTimeout as sleep } from "node:timers/promises";
import type { OnApplicationShutdown } from "@nestjs/common";
import { WEBHOOK_ATTEMPTS } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { type createKafka, FinishedThrough, type FinishedThroughOptions } from "@waggle/kafka";
import { KnownAttempts } from "../judge/ports";

const ANSWER_LIMIT_MS = 4_000;

/** Attempts are stored before their records are done, so the log is complete up to where the consumer has finished. */
export class KafkaKnownAttempts extends KnownAttempts implements OnApplicationShutdown {
  private readonly admin: ReturnType<ReturnType<typeof createKafka>["admin"]>;
  private readonly finished: FinishedThrough;

  constructor(kafka: ReturnType<typeof createKafka>, options: Pick<FinishedThroughOptions, "assigned" | "now">) {
    super();
    this.admin = kafka.admin();
    this.finished = new FinishedThrough({ ...options, admin: this.admin, topic: WEBHOOK_ATTEMPTS });
  }

  async refresh(): Promise<void> {
    const over = new AbortController();
    const late = sleep(ANSWER_LIMIT_MS, undefined, { signal: over.signal, ref: false }).then(() => {
      throw new WaggleError("kafka_unavailable", "Kafka did not say where the attempts end");
    });
    try {
      await Promise.race([this.admin.connect().then(() => this.finished.refresh()), late]);
    } finally {
      over.abort();
      late.catch(() => undefined);
    }
  }

  until(webhookId: string): number | null {
    return this.finished.of(webhookId);
  }

  /** Nest calls this once nobody judges any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.admin.disconnect();
  }
}
