import { authorize, type Publisher } from "./authorize";
import { canonicalEvent } from "./canonical-event";
import { checkSubmission } from "./check-submission";
import type { ApiKeys, EventLog } from "./ports";
import type { Submission } from "./submission";

export interface AcceptorOptions {
  readonly keys: ApiKeys;
  readonly log: EventLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newEventId: (now: number) => string;
}

/** Takes events in: authenticate, check, make canonical, write. */
export class Acceptor {
  constructor(private readonly options: AcceptorOptions) {}

  /** As `authorize`, at the present time. */
  authorize(key: string): Publisher {
    return authorize(this.options.keys, key, this.options.now());
  }

  /**
   * Resolves to the ids of the events in their order, once all of them are on Kafka.
   * @throws WaggleError as `checkSubmission` (nothing was written) and `EventLog.append` (unknown whether it was)
   */
  async accept({ tenantId, keyId }: Publisher, submission: Submission): Promise<string[]> {
    const published = checkSubmission(submission);
    const { log, now, newEventId } = this.options;
    const stamp = { tenantId, acceptedAt: now(), newEventId };
    const events = published.map((event) => canonicalEvent(event, stamp));
    await log.append(events, keyId);
    return events.map((event) => event.id);
  }
}
