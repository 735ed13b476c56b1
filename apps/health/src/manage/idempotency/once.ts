/** Which request it is: a key that its client chose, among those of its tenant; an empty tenant is the operator. */
export interface RequestName {
  readonly tenant_id: string;
  readonly key: string;
}

/**
 * What a transaction needs to know to do something once, however often it is asked for: whoever runs it takes the
 * name first, and keeps the sealed answer in the same transaction. So there is an answer if and only if it was done.
 */
export interface Once<Result> {
  readonly name: RequestName;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Answers kept before this (milliseconds since the epoch) are as good as forgotten. */
  readonly since: number;
  /** What is to be kept of a result. */
  readonly seal: (result: Result) => string;
}

/**
 * Ends a transaction in which nothing was done yet, because what it would do was done by another: caught by
 * `Idempotency` and by nobody else.
 */
export class AlreadyAnswered extends Error {
  constructor(
    /** What the other one kept. */
    readonly sealed: string,
  ) {
    super("already answered");
  }
}

/** The answers that were kept. */
export abstract class KeptAnswers {
  /**
   * What was kept under a name since then (milliseconds since the epoch), sealed; null: nothing.
   * @throws WaggleError `database_unavailable`
   */
  abstract find(name: RequestName, since: number): Promise<string | null>;
  /**
   * Forgets some of those kept before a time (milliseconds since the epoch). Returns how many; 0: there are none.
   * @throws WaggleError `database_unavailable`
   */
  abstract forgetSome(before: number): Promise<number>;
}
