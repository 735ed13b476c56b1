/**
 * The environment as it was when the script started; the one place under tools/ that reads it.
 * A variable set to the empty string is there and empty, which is not the same as absent.
 * @type {Readonly<Record<string, string | undefined>>}
 */
export const environment = Object.freeze({ ...process.env });
