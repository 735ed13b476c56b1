import type { OnApplicationShutdown } from "@nestjs/common";
import { CommittedThrough, type createKafka, type GroupOfTopic, OffsetLookup } from "@waggle/kafka";
import { LogProgress } from "../../command/recover/ports";
import { answerInTime } from "../answer-in-time";

/** What a group of the log has committed is stored, so the log is complete up to where all of them are. */
export class KafkaLogProgress extends LogProgress implements OnApplicationShutdown {
  private readonly lookup: OffsetLookup;
  private readonly committed: CommittedThrough;

  constructor(kafka: ReturnType<typeof createKafka>, reads: readonly GroupOfTopic[], now: () => number) {
    super();
    this.lookup = new OffsetLookup(kafka);
    this.committed = new CommittedThrough({ lookup: this.lookup, reads, now });
  }

  completeThrough(): Promise<number | null> {
    return answerInTime(() => this.committed.refresh());
  }

  /** Nest calls this once nobody recovers any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.lookup.disconnect();
  }
}
