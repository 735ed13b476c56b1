import type { FailureJudge } from "./failure-judge";
import type { IncidentWatch } from "./incidents/incident-watch";
import type { JudgedWebhooks, KnownAttempts } from "./ports";

export interface SweepParts {
  readonly webhooks: JudgedWebhooks;
  readonly failures: Pick<FailureJudge, "judge">;
  readonly known: KnownAttempts;
  readonly incidents: Pick<IncidentWatch, "watch">;
}

/** Judges what becomes due by time alone: a webhook that fails may get no attempt for hours. */
export class Sweep {
  constructor(private readonly parts: SweepParts) {}

  /** @throws WaggleError `database_unavailable`; rejects also when Kafka does not say how far the log is complete */
  async run(): Promise<void> {
    const { webhooks, failures, known, incidents } = this.parts;
    await incidents.watch();
    await known.refresh();
    for await (const page of webhooks.failing()) await failures.judge(page, (id) => known.until(id));
  }
}
