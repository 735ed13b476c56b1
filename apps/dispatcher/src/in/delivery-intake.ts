import {
  DecodeError,
  type DeliveryRecord,
  decodeDelivery,
  encodeDeadLetter,
  type ReceivedRecord,
  type WireRecord,
} from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import type { ProduceErrorCode, TopicPartition } from "@waggle/kafka";
import type { Logger } from "@waggle/service";
import type { DeliveryEngine } from "../deliver/delivery-engine";
import { StepMemory } from "../deliver/step-memory";

/** A record as the consumer hands it out. */
export interface IncomingRecord extends ReceivedRecord {
  readonly bytes: number;
  readonly owned: boolean;
  done(): void;
}

/** Where records wait until they are due. */
interface Tiers {
  hold(record: IncomingRecord, dueAt: number): boolean;
  drop(partitions: readonly TopicPartition[]): void;
}

export interface IntakeParts {
  readonly engine: Pick<DeliveryEngine, "submit" | "dropPartitions">;
  readonly tiers: Tiers;
  readonly deadLetters: (record: WireRecord) => Promise<void>;
  readonly onDeadLetter: (reason: string) => void;
  readonly logger: Logger;
  readonly now: () => number;
}

/**
 * Rounds remembered per partition (of 12), and for how long: an hour at least, as contract §2 `id` has it, but of more
 * than 11 a second only the last 40,000: an hour of 3,000 a second would take a gigabyte.
 */
const STEP_LIMITS = { rounds: 80_000, ms: 7_200_000 };

/**
 * Between the consumer and the engine: decodes, drops copies of steps already taken, and keeps in the tiers what is
 * not due. A record that is no delivery goes to the dead letters, and its partition goes on.
 */
export class DeliveryIntake {
  private readonly steps = new Map<number, StepMemory>();

  constructor(private readonly parts: IntakeParts) {}

  take(record: IncomingRecord): void {
    // It followed one that the tiers had no room for, and comes again with it.
    if (!record.owned) return;
    const delivery = this.decode(record);
    if (!delivery) return;
    const now = this.parts.now();
    const steps = this.stepsOf(record.partition);
    if (!steps.take(delivery, now)) {
      record.done();
      return;
    }
    if (delivery.due_at <= now) {
      this.submit(record, delivery);
      return;
    }
    if (!this.parts.tiers.hold(record, delivery.due_at)) steps.forget(delivery);
  }

  /** A held record has become due: it is decoded again, since holding its bytes alone takes less. */
  due(record: IncomingRecord): void {
    const delivery = this.decode(record);
    if (!delivery) return;
    // A copy of the step before it may have been handed out meanwhile, attempted again, and answered with a 2xx.
    if (this.stepsOf(record.partition).isLatest(delivery)) this.submit(record, delivery);
    else record.done();
  }

  /** Other members own these partitions now. */
  lost(partitions: readonly TopicPartition[]): void {
    const numbers = new Set(partitions.map(({ partition }) => partition));
    for (const partition of numbers) this.steps.delete(partition);
    this.parts.tiers.drop(partitions);
    this.parts.engine.dropPartitions(numbers);
  }

  private submit(record: IncomingRecord, delivery: DeliveryRecord): void {
    const steps = this.stepsOf(record.partition);
    this.parts.engine.submit({
      delivery,
      partition: record.partition,
      bytes: record.bytes,
      get owned() {
        return record.owned;
      },
      end: () => {
        if (record.owned) steps.end(delivery);
      },
      done: () => record.done(),
    });
  }

  private stepsOf(partition: number): StepMemory {
    const known = this.steps.get(partition);
    if (known) return known;
    const steps = new StepMemory(STEP_LIMITS, this.parts.now());
    this.steps.set(partition, steps);
    return steps;
  }

  private decode(record: IncomingRecord): DeliveryRecord | null {
    try {
      return decodeDelivery(record);
    } catch (error) {
      const cause = error instanceof DecodeError ? error : new DecodeError("undecodable", "record", { cause: error });
      const { topic, partition, offset } = record;
      this.parts.logger.error({ topic, partition, offset, field: cause.field }, "delivery.dead");
      this.parts.onDeadLetter(cause.code);
      this.parts.deadLetters(encodeDeadLetter(record, cause)).then(
        () => record.done(),
        (refusal: unknown) => {
          // While stopping: the next process meets it again.
          if (!isTooLarge(refusal)) return;
          // Even the dead letters refuse it: nothing but the log can keep a trace of it.
          this.parts.logger.fatal({ topic, partition, offset }, "delivery.lost");
          record.done();
        },
      );
      return null;
    }
  }
}

function isTooLarge(refusal: unknown): boolean {
  return refusal instanceof WaggleError && refusal.code === ("record_too_large" satisfies ProduceErrorCode);
}
