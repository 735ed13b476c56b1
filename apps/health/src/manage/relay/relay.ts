import { WaggleError } from "@waggle/domain";
import type {
  DirectorySource,
  DirectoryTopic,
  OpenDirectoryTopic,
  Outbox,
  Reconciliation,
  RecordPublisher,
  RelayLeadership,
  RelayMonitor,
  RelayTerm,
  WaitingRecord,
} from "../ports";
import { pause } from "./pause";
import { reconcile } from "./reconcile";

export interface RelayParts {
  readonly leadership: RelayLeadership;
  readonly outbox: Outbox;
  readonly source: DirectorySource;
  readonly topic: DirectoryTopic;
  readonly publisher: RecordPublisher;
  readonly monitor: RelayMonitor;
  readonly now: () => number;
}

const POLL_MS = 1_000;
const BACKOFF_MS = { first: 250, most: 5_000 } as const;
const DAY_MS = 86_400_000;
/** How long a deletion is told before its last trace goes: longer than any delivery waits. Source: architecture. */
const DELETION_KEPT_MS = 8 * DAY_MS;
const SWEEP_EVERY_MS = 3_600_000;

/**
 * Carries committed records from the outbox to Kafka: one process at a time, each record at least once, those of one
 * key in the order of their commits. Whatever fails is tried again for ever; a record leaves the outbox only after
 * Kafka has acknowledged it.
 */
export class Relay {
  constructor(private readonly parts: RelayParts) {}

  /** Stands by, relays while it is this process's turn, and stands by again. Resolves after `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    const { leadership, monitor } = this.parts;
    for (let failures = 0; !stop.aborted; ) {
      try {
        const term = await leadership.take(stop, () => {
          failures = 0;
          monitor.standingBy();
        });
        try {
          await this.serve(term, (found) => {
            failures = 0;
            monitor.leading(found);
          });
        } finally {
          await term.end();
        }
      } catch (error) {
        if (stop.aborted) return;
        monitor.failed(error);
        await pause(Math.min(BACKOFF_MS.first * 2 ** failures++, BACKOFF_MS.most), stop);
      }
    }
  }

  private async serve(term: RelayTerm, onReady: (found: Reconciliation) => void): Promise<void> {
    const { source, publisher } = this.parts;
    const topic = await this.parts.topic.open(term.over);
    try {
      onReady(await reconcile(topic, source, publisher));
      await this.carry(term, topic);
    } finally {
      await topic.close();
    }
  }

  private async carry(term: RelayTerm, topic: OpenDirectoryTopic): Promise<void> {
    const { source, now, outbox } = this.parts;
    for (let sweepAt = now(); !term.over.aborted; ) {
      const stale = topic.takeStale();
      if (stale.length > 0) await source.renew(stale);
      if (now() >= sweepAt && !(await source.forgetDeleted(now() - DELETION_KEPT_MS))) sweepAt = now() + SWEEP_EVERY_MS;
      const records = await outbox.oldest();
      const published = records.length > 0 && (await this.publish(records));
      if (!published) await term.wake(POLL_MS);
    }
  }

  /** Whether the records got through. Kafka being away ends no term: no other process would fare better. */
  private async publish(records: readonly WaitingRecord[]): Promise<boolean> {
    const { publisher, outbox, monitor } = this.parts;
    try {
      await publisher.publish(records);
    } catch (error) {
      if (!(error instanceof WaggleError)) throw error;
      monitor.held(error);
      return false;
    }
    await outbox.remove(records);
    return true;
  }
}
