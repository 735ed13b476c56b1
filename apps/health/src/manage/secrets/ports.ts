/** What has sealed values: tenants a shared secret, webhooks secrets and header values, and answers kept for repeats. */
export const SEALED_KINDS = ["tenants", "webhooks", "answers"] as const;
export type SealedKind = (typeof SEALED_KINDS)[number];

/** A sealed value, and what it belongs to. */
export interface SealedValue {
  readonly sealed: string;
  readonly aad: string;
  /** The id of what has it, for people. */
  readonly owner: string;
}

export interface MovedBatch {
  /** How many tenants, webhooks or answers have another value now. */
  readonly moved: number;
  /** Where the next batch begins; null: this was the last. */
  readonly next: string | null;
}

/** How many values are sealed under a key; those in the outbox still wait for Kafka. */
export interface SealedCount {
  readonly what: "secrets" | "headers" | "answers" | "outbox";
  readonly kid: string;
  readonly count: number;
}

/** Every sealed value there is. Rejects with `database_unavailable`. */
export abstract class SealedStore {
  /**
   * Takes the next batch of a kind after `after`, and puts what `move` makes of the values in it that are sealed under
   * another key than `kid`; in one transaction with what the directory must learn of it.
   */
  abstract moveBatch(
    kind: SealedKind,
    from: { readonly kid: string; readonly after: string },
    move: (value: SealedValue) => string,
  ): Promise<MovedBatch>;
  abstract counts(): Promise<readonly SealedCount[]>;
}

/** Secrets that sign no more. */
export abstract class ExpiredSecrets {
  /**
   * Removes some of those that stopped signing by `before` (milliseconds since the epoch), in one transaction with
   * what the directory must learn of it. Returns how many owners had any; 0: none is left.
   * @throws WaggleError `database_unavailable`
   */
  abstract removeSome(before: number): Promise<number>;
}
