const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const windows1252 = new TextDecoder("windows-1252");

/**
 * Bytes of which nobody said what charset they have. Text in another charset is hardly ever valid UTF-8, and most mail
 * that does not say is Western European.
 */
export function readableText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return windows1252.decode(bytes);
  }
}

/**
 * Text without halves of surrogate pairs, which some decoders make of broken bytes: each becomes U+FFFD. JSON writes
 * them as escapes, and many readers, PostgreSQL's jsonb among them, refuse the whole text for one.
 */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}
