import type { SealedSecret, WebhookEntry } from "@waggle/contracts";

/** Who owns sealed values: tenants their shared secret, webhooks their own and the values of their custom headers. */
export type OwnerKind = "tenant" | "webhook";

/** What is sealed of one owner. */
export interface SealedValues {
  /** Newest first. */
  readonly secrets: readonly SealedSecret[];
  /** A tenant has none. */
  readonly headers: WebhookEntry["headers"];
}

export interface SecretOwner extends SealedValues {
  readonly tenant_id: string;
  /** Null: the tenant itself. */
  readonly webhook_id: string | null;
}

export interface OwnersPage {
  readonly ids: readonly string[];
  /** Where the next page begins; null: this was the last. */
  readonly next: string | null;
}

/** How many values are sealed under a key. */
export interface SealedCount {
  readonly what: "secrets" | "headers" | "outbox";
  readonly kid: string;
  readonly count: number;
}

/** The sealed values that the database has, for what is done to all of them. Rejects with `database_unavailable`. */
export abstract class SealedStore {
  /** Some owners that have a secret which stopped signing before `before` (milliseconds since the epoch). */
  abstract withExpired(kind: OwnerKind, before: number): Promise<readonly string[]>;
  /** Those of the next owners after `after`, by id, that have a value sealed under another key than `kid`. */
  abstract withOtherKeys(kind: OwnerKind, kid: string, after: string): Promise<OwnersPage>;
  /**
   * Puts what `rewrite` makes of these owners' values where it differs, in one transaction with what the directory
   * must learn of it. Returns how many owners differ. Who is gone meanwhile is left out.
   */
  abstract rewrite(
    kind: OwnerKind,
    ids: readonly string[],
    rewrite: (owner: SecretOwner) => SealedValues,
  ): Promise<number>;
  /** Under which keys values are sealed: of every kind of owner, and in the records that still wait for Kafka. */
  abstract counts(): Promise<readonly SealedCount[]>;
}
