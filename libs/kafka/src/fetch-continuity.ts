import { logBounds } from "./committed-positions";
import type { KafkaLogger } from "./connection";
import type { OffsetLookup } from "./offset-lookup";
import type { PartitionWork } from "./partition-work";

/**
 * Whether what was fetched continues where a partition stands. A batch that was fetched before a rebalance may arrive
 * after it, and kafkajs moves by itself when retention has passed a position or nothing of a fetch is to be handed out:
 * taken as they come, the watermark would jump over what lies between.
 */
export class FetchContinuity {
  /** Per partition the last jump that was gone back on: from where it stands to where kafkajs had gone. */
  private readonly jumps = new WeakMap<PartitionWork, string>();

  constructor(
    private readonly lookup: OffsetLookup,
    private readonly logger: KafkaLogger,
  ) {}

  /**
   * Whether a batch that was fetched from `from` may begin. One that jumps ahead may when going back led to the same
   * jump again: then what lies between is never handed out (an aborted transaction).
   */
  holds(work: PartitionWork, from: number): boolean {
    return from === work.next || (from > work.next && this.jumps.get(work) === jump(work, from));
  }

  /**
   * Finds out where a partition whose batch did not continue is to go on, and moves it past what retention removed.
   * @returns null to go on at `next`; otherwise the offset to begin anew at, because the log ends before `next`
   */
  async restore(work: PartitionWork, from: number): Promise<number | null> {
    const { topic, partition, next } = work;
    this.jumps.set(work, jump(work, from));
    const log = (await logBounds(this.lookup, topic)).get(partition);
    if (!log || (log.low <= next && next <= log.high)) return null;
    if (log.high < next) {
      // A broker lost its end. Meeting records twice is the lesser evil to missing those written since.
      this.logger.error({ topic, partition, from: next, to: log.low }, "consumer.log_truncated");
      return log.low;
    }
    this.logger.error({ topic, partition, from: next, to: log.low }, "consumer.records_expired");
    work.skipTo(log.low);
    return null;
  }
}

function jump(work: PartitionWork, to: number): string {
  return `${work.next}-${to}`;
}
