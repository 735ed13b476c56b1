import type { OnApplicationShutdown } from "@nestjs/common";
import { WEBHOOK_ATTEMPTS } from "@waggle/contracts";
import {
  CommittedThrough,
  type createKafka,
  FinishedThrough,
  type FinishedThroughOptions,
  OffsetLookup,
} from "@waggle/kafka";
import { KnownAttempts } from "../../judge/ports";
import { answerInTime } from "../answer-in-time";

export interface KnownAttemptsOptions extends Pick<FinishedThroughOptions, "assigned" | "now"> {
  /** Who reads the attempts into the log. */
  readonly groupId: string;
}

/** Attempts are stored before their records are done, so the log is complete up to where the consumers have finished. */
export class KafkaKnownAttempts extends KnownAttempts implements OnApplicationShutdown {
  private readonly lookup: OffsetLookup;
  private readonly finished: FinishedThrough;
  private readonly committed: CommittedThrough;
  private committedThrough: number | null = null;

  constructor(kafka: ReturnType<typeof createKafka>, { groupId, ...options }: KnownAttemptsOptions) {
    super();
    this.lookup = new OffsetLookup(kafka);
    this.finished = new FinishedThrough({ ...options, lookup: this.lookup, topic: WEBHOOK_ATTEMPTS });
    const reads = [{ groupId, topic: WEBHOOK_ATTEMPTS }];
    this.committed = new CommittedThrough({ lookup: this.lookup, reads, now: options.now });
  }

  refresh(): Promise<void> {
    return answerInTime(async () => {
      await this.finished.refresh();
      this.committedThrough = await this.committed.refresh();
    });
  }

  until(webhookId: string): number | null {
    return this.finished.of(webhookId);
  }

  everywhere(): number | null {
    return this.committedThrough;
  }

  /** Nest calls this once nobody judges any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.lookup.disconnect();
  }
}
