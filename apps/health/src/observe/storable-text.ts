const REPLACEMENT = "\uFFFD";

/**
 * Text as PostgreSQL can hold it: NUL, which it refuses, and halves of characters, which have no UTF-8, are replaced.
 * What people search for goes through here too, or it would not be found.
 */
export function storableText(text: string): string {
  return text.replaceAll("\0", REPLACEMENT).replace(/\p{Surrogate}/gu, REPLACEMENT);
}
