import { deflateRawSync, inflateRawSync } from "node:zlib";

/** Bytes that Kafka takes as the metadata of a committed offset (`offset.metadata.max.bytes`). */
const MAX_METADATA_BYTES = 4_096;
/** Offsets above the watermark that are worth telling: a hundred thousand take 12 KiB of bits before deflation. */
const MAX_SPAN = 131_072;

/**
 * The offsets above `low` that are done, as text for the commit's metadata: a deflated bitmap whose bit i stands for
 * offset low + 1 + i (low itself is by definition not done). What does not fit is cut from the top: losing a bit only
 * means that a finished record is met again.
 * @param done rising
 */
export function encodeDoneBitmap(low: number, done: readonly number[]): string {
  let span = Math.min((done.at(-1) ?? low) - low, MAX_SPAN);
  while (span > 0) {
    const bits = Buffer.alloc(Math.ceil(span / 8));
    for (const offset of done) {
      const bit = offset - low - 1;
      if (bit >= 0 && bit < span) bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
    const text = prefix(low) + deflateRawSync(bits).toString("base64");
    if (text.length <= MAX_METADATA_BYTES) return text;
    span = Math.floor(span * Math.min(0.9, MAX_METADATA_BYTES / text.length));
  }
  return "";
}

/** The done offsets that `encodeDoneBitmap` wrote beside `low`; none when the text is another's. */
export function decodeDoneBitmap(metadata: string | null, low: number): Set<number> {
  const done = new Set<number>();
  if (!metadata?.startsWith(prefix(low))) return done;
  try {
    const deflated = Buffer.from(metadata.slice(prefix(low).length), "base64");
    const bits = inflateRawSync(deflated, { maxOutputLength: MAX_SPAN / 8 });
    for (let bit = 0; bit < bits.length * 8; bit++) {
      if (((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1) done.add(low + 1 + bit);
    }
  } catch {
    // Cut or foreign metadata: without it records are met again, which every consumer must bear anyway.
  }
  return done;
}

/** Names the offset it belongs to: tools that move a group's offsets may keep the metadata, which is then wrong. */
function prefix(low: number): string {
  return `d1:${low}:`;
}
