import type { AttemptRecord } from "@waggle/contracts";
import type { Job } from "./job";
import type { NextDelivery } from "./next-delivery";
import type { DeliveryLog } from "./ports";

/** Writes what came of deliveries: the record one came in is done only when all of it is acknowledged. */
export class OutcomeWriter {
  private count = 0;

  /** @param onRefused told when Kafka will never take an outcome: its record stays open */
  constructor(
    private readonly log: DeliveryLog,
    private readonly onRefused: (error: unknown) => void,
  ) {}

  /** Outcomes that are not acknowledged yet. */
  get unacknowledged(): number {
    return this.count;
  }

  write(job: Job, attempt: AttemptRecord | null, next: NextDelivery | null): void {
    this.count += 1;
    if (next === null) job.end();
    this.log.write({ attempt, next }).then(
      () => {
        this.count -= 1;
        job.done();
      },
      (error: unknown) => {
        this.count -= 1;
        this.onRefused(error);
      },
    );
  }
}
