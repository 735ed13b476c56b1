/** A line of a message: where it begins, and where the next one does. Both in bytes. */
export interface ByteLine {
  readonly start: number;
  readonly end: number;
}

const LF = 0x0a;
const CR = 0x0d;

/** The lines of a message, each with the line feed that ends it; the last may have none. */
export function* linesOf(raw: Buffer): Generator<ByteLine> {
  for (let start = 0; start < raw.length; ) {
    const feed = raw.indexOf(LF, start);
    const end = feed < 0 ? raw.length : feed + 1;
    yield { start, end };
    start = end;
  }
}

/** Whether a line holds nothing: the end of a header. */
export function isBlank(raw: Buffer, { start, end }: ByteLine): boolean {
  for (let at = start; at < end; at += 1) if (raw[at] !== CR && raw[at] !== LF) return false;
  return true;
}

/** Whether a line goes on with the header field of the line before (RFC 5322 §2.2.3). */
export function isFolded(raw: Buffer, { start }: ByteLine): boolean {
  return raw[start] === 0x20 || raw[start] === 0x09;
}
