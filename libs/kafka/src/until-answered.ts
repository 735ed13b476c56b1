import type { KafkaLogger } from "./connection";

const BACKOFF_MS = { first: 100, most: 2_000 } as const;

export interface UntilAnsweredOptions {
  readonly logger: KafkaLogger;
  /** What the log calls a failed try. */
  readonly event: string;
  /** Asked before every try: whether nobody wants the answer any more. */
  readonly givenUp: () => boolean;
}

/**
 * Repeats a first contact with Kafka until it works: a process that starts while Kafka is down waits for it.
 * @returns what `contact` resolved to, or null when it was given up
 */
export async function untilAnswered<Answer>(
  contact: () => Promise<Answer>,
  { logger, event, givenUp }: UntilAnsweredOptions,
): Promise<Answer | null> {
  for (let attempt = 0; !givenUp(); attempt++) {
    try {
      return await contact();
    } catch (error) {
      logger.warn({ err: error }, event);
      await backoff(attempt);
    }
  }
  return null;
}

/** Resolves after a wait that doubles with every attempt, up to 2 s. */
export function backoff(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(BACKOFF_MS.first * 2 ** attempt, BACKOFF_MS.most)));
}
