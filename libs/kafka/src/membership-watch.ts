export interface MembershipWatchOptions {
  /** Whether the group counts on this process now. */
  readonly isMember: () => boolean;
  /** Asks Kafka something about the group; rejects when it does not answer. */
  readonly ask: () => Promise<unknown>;
  /** It has not been a member for two minutes, in which Kafka answered whenever it was asked. */
  readonly onStuck: () => void;
}

const LOOK_EVERY_MS = 10_000;
const LOOKS_IN_VAIN = 12;

/**
 * Notices a consumer that does not get back into its group, for whatever reason: it would do nothing, for ever, and
 * nobody would hear of it. While Kafka does not answer there is nothing to get back into. Looks are counted rather than
 * time, which also passes for a process that was frozen.
 */
export class MembershipWatch {
  private timer: NodeJS.Timeout | null = null;
  private looking = false;
  private inVain = 0;

  constructor(private readonly options: MembershipWatchOptions) {}

  start(): void {
    this.inVain = 0;
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    this.inVain = (await this.isStuckNow()) ? this.inVain + 1 : 0;
    this.looking = false;
    if (this.inVain < LOOKS_IN_VAIN || this.timer === null) return;
    this.stop();
    this.options.onStuck();
  }

  private async isStuckNow(): Promise<boolean> {
    const { isMember, ask } = this.options;
    if (isMember()) return false;
    try {
      await ask();
    } catch {
      return false;
    }
    return !isMember();
  }
}
