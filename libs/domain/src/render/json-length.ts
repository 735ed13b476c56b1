/** Where the part of a text ends that takes at most so many bytes, and how many it takes. */
export interface JsonPrefix {
  /** In UTF-16 code units, never amid a surrogate pair. */
  readonly end: number;
  readonly bytes: number;
}

/**
 * How much of a text fits into `maxBytes` of a JSON string in UTF-8, without its quotes: what `JSON.stringify` escapes
 * takes 2 or 6 bytes, half a surrogate pair among it (well-formed JSON.stringify).
 */
export function jsonPrefix(text: string, maxBytes: number): JsonPrefix {
  let bytes = 0;
  let end = 0;
  while (end < text.length) {
    const isPair = (text.codePointAt(end) ?? 0) > 0xff_ff;
    const taken = isPair ? 4 : jsonBytes(text.charCodeAt(end));
    if (bytes + taken > maxBytes) break;
    bytes += taken;
    end += isPair ? 2 : 1;
  }
  return { end, bytes };
}

/** `\b` `\t` `\n` `\f` `\r` and the two that would end or escape: two bytes; other controls are `\u00..`. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x22, 0x5c]);

function jsonBytes(unit: number): number {
  if (unit < 0x80) {
    if (unit >= 0x20 && unit !== 0x22 && unit !== 0x5c) return 1;
    return SHORT_ESCAPES.has(unit) ? 2 : 6;
  }
  if (unit < 0x8_00) return 2;
  return unit >= 0xd8_00 && unit <= 0xdf_ff ? 6 : 3;
}
