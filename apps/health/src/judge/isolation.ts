import { WaggleError } from "@waggle/domain";

export interface IsolationParts {
  readonly logger: { error(fields: object, event: string): void };
  /** Called once for each judgement that was given up. */
  readonly onGivenUp: () => void;
}

/** What passes by itself and concerns all webhooks alike: everything is tried again later. */
const PASSING: ReadonlySet<string> = new Set(["database_unavailable", "kafka_unavailable"]);

/** A deadlock is over the next time; what fails so often fails for what it is. */
const TRIES = 3;

/** Keeps a webhook that cannot be judged from holding up those behind it. */
export class Isolation {
  constructor(private readonly parts: IsolationParts) {}

  /**
   * Does what has to be done about one webhook; gives it up, and says so, when that fails for another reason than that a
   * part of ours is away.
   * @param about what the log says it was about
   * @throws WaggleError `database_unavailable`, `kafka_unavailable`
   */
  async each(about: Readonly<Record<string, string | number>>, work: () => Promise<void>): Promise<void> {
    const { logger, onGivenUp } = this.parts;
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof WaggleError && PASSING.has(error.code)) throw error;
        if (tries < TRIES) continue;
        onGivenUp();
        return logger.error({ ...about, err: error }, "webhook.not_judged");
      }
    }
  }
}
