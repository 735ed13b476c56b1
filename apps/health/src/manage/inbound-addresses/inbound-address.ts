/** Where mail for a tenant comes in. Times in milliseconds since the epoch. */
export interface InboundAddress {
  /** Sorts by age. */
  readonly id: string;
  readonly tenant_id: string;
  /** What stands before the @: nobody guesses it, and who knows it may write. */
  readonly hash: string;
  readonly name: string | null;
  readonly created_at: number;
}

/** With the mail address itself, as people give it to others. */
export interface ReachableAddress extends InboundAddress {
  readonly address: string;
}
