import type { AttemptRecord } from "@waggle/contracts";
import type { Job } from "./job";
import type { NextDelivery } from "./next-delivery";
import type { DeliveryLog } from "./ports";

/**
 * Characters of responses that may wait for Kafka. Each attempt may bring 32 KiB of them: while a broker hangs, no
 * further attempt begins beyond this.
 */
const MOST_CHARACTERS = 67_108_864;

/** Writes what came of deliveries: the record one came in is done only when all of it is acknowledged. */
export class OutcomeWriter {
  private count = 0;
  private characters = 0;

  /** @param onRefused told when Kafka will never take an outcome: its record stays open */
  constructor(
    private readonly log: DeliveryLog,
    private readonly onRefused: (error: unknown) => void,
  ) {}

  /** Outcomes that are not acknowledged yet. */
  get unacknowledged(): number {
    return this.count;
  }

  /** Whether so much of what receivers answered waits for Kafka that nothing more should be asked of them. */
  get isFull(): boolean {
    return this.characters >= MOST_CHARACTERS;
  }

  write(job: Job, attempt: AttemptRecord | null, next: NextDelivery | null): void {
    const characters = answeredWith(attempt);
    this.count += 1;
    this.characters += characters;
    if (next === null) job.end();
    this.log.write({ attempt, next }).then(
      () => {
        this.count -= 1;
        this.characters -= characters;
        job.done();
      },
      (error: unknown) => {
        this.count -= 1;
        this.characters -= characters;
        this.onRefused(error);
      },
    );
  }
}

function answeredWith(attempt: AttemptRecord | null): number {
  const made = attempt?.try;
  if (!made) return 0;
  let characters = made.response_body?.length ?? 0;
  for (const name in made.response_headers) characters += made.response_headers[name]?.length ?? 0;
  return characters;
}
