/** A record that cannot be what its topic promises. Its bytes go to `dead.letters` under this code. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";

  constructor(
    readonly code: DeadLetterCode,
    readonly field: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(`${code}: ${field}`, options);
  }
}

/** Why a record is in `dead.letters`: the `reason` label of `waggle_dead_letters_total`. */
export const DEAD_LETTER_CODES = ["undecodable", "unprocessable"] as const;
export type DeadLetterCode = (typeof DEAD_LETTER_CODES)[number];
