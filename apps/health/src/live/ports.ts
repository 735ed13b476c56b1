import type { AttemptRecord } from "@waggle/contracts";

/** Takes the webhook a record is about, and how to read it: null for one that cannot be read. */
export type OnAttempt = (webhookId: string, read: () => AttemptRecord | null) => void;

/** Attempts of all dispatchers as they are recorded. */
export abstract class AttemptFeed {
  /** Hands out every attempt that is recorded once it is ready, until it is stopped. */
  abstract follow(onAttempt: OnAttempt): FollowedAttempts;
}

export interface FollowedAttempts {
  /** Resolves when nothing more will be missed: waits for Kafka, as long as it takes. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** Whose webhooks are whose. */
export abstract class WebhookOwners {
  /**
   * The tenant of a webhook; null when there is none.
   * @throws WaggleError `database_unavailable`
   */
  abstract tenantOf(webhookId: string): Promise<string | null>;
}
