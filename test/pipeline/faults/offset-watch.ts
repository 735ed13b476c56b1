import { setTimeout as sleep } from "node:timers/promises";
import { ConsumerGroups } from "@waggle/testing";

const INTERVAL_MS = 100;

/** Looks at what a group has committed, again and again, for offsets that move back. */
export class OffsetWatch {
  /** Each time a committed offset was lower than before. */
  readonly setbacks: string[] = [];
  private readonly highest = new Map<string, number>();
  private isOver = false;
  private looking: Promise<void> = Promise.resolve();

  private constructor(
    private readonly groups: ConsumerGroups,
    private readonly groupId: string,
  ) {}

  static async start(brokers: string, groupId: string): Promise<OffsetWatch> {
    const watch = new OffsetWatch(await ConsumerGroups.open(brokers), groupId);
    watch.looking = watch.look();
    return watch;
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.looking.finally(() => this.groups.close());
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      for (const [place, offset] of await this.groups.committed(this.groupId)) {
        const highest = this.highest.get(place) ?? 0;
        if (offset < highest) this.setbacks.push(`${place}: ${highest} → ${offset}`);
        this.highest.set(place, Math.max(highest, offset));
      }
      await sleep(INTERVAL_MS);
    }
  }
}
