import type { OnApplicationShutdown } from "@nestjs/common";
import { WEBHOOK_ATTEMPTS } from "@waggle/contracts";
import { type createKafka, FinishedThrough, type FinishedThroughOptions } from "@waggle/kafka";
import { KnownAttempts } from "../judge/ports";
import { answerInTime } from "./answer-in-time";

/** Attempts are stored before their records are done, so the log is complete up to where the consumer has finished. */
export class KafkaKnownAttempts extends KnownAttempts implements OnApplicationShutdown {
  private readonly admin: ReturnType<ReturnType<typeof createKafka>["admin"]>;
  private readonly finished: FinishedThrough;

  constructor(kafka: ReturnType<typeof createKafka>, options: Pick<FinishedThroughOptions, "assigned" | "now">) {
    super();
    this.admin = kafka.admin();
    this.finished = new FinishedThrough({ ...options, admin: this.admin, topic: WEBHOOK_ATTEMPTS });
  }

  refresh(): Promise<void> {
    return answerInTime(() => this.admin.connect().then(() => this.finished.refresh()));
  }

  until(webhookId: string): number | null {
    return this.finished.of(webhookId);
  }

  /** Nest calls this once nobody judges any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.admin.disconnect();
  }
}
