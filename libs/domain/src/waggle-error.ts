/**
 * An error with a code from the registry in `libs/contracts`. Only the code decides what happens; `detail` is for
 * people. HTTP and gRPC statuses are chosen at the edge.
 */
export class WaggleError<Code extends string = string> extends Error {
  override readonly name = "WaggleError";

  constructor(
    readonly code: Code,
    readonly detail: string,
    options: {
      readonly cause?: unknown;
      readonly errors?: readonly FieldError[];
      readonly retryAfterS?: number;
    } = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.errors = options.errors ?? [];
    this.retryAfterS = options.retryAfterS ?? null;
  }

  readonly errors: readonly FieldError[];
  /** Whole seconds after which it is worth trying again; null: the error does not say. */
  readonly retryAfterS: number | null;
}

/** One wrong field: `path` is a JSON Pointer (RFC 6901) into what was sent. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}
