import type { ParseError } from "@waggle/domain";

import libmime = require("libmime");

import { type ByteLine, isBlank, isFolded, linesOf } from "./byte-lines";

export interface MailLimits {
  /** Multiparts within one another. */
  readonly depth: number;
  /** Parts of all multiparts together. */
  readonly parts: number;
  /** Fields of one header. */
  readonly fields: number;
  /** Bytes of one header field. */
  readonly fieldBytes: number;
  /** Bytes of one header. */
  readonly headerBytes: number;
}

/** Depth and parts: safety "SMTP". The rest: many times what real mail has. */
export const MAIL_LIMITS: MailLimits = {
  depth: 20,
  parts: 100,
  fields: 500,
  fieldBytes: 16_384,
  headerBytes: 262_144,
};

export interface FittingMail {
  readonly raw: Buffer;
  /** What had to be left out first; null when nothing was. */
  readonly problem: ParseError | null;
}

/**
 * A message without what exceeds the limits: what remains is read as usual, where a parser that meets its own limits
 * gives up the whole message. One pass over the lines; the same buffer when nothing is left out.
 */
export function fitToLimits(raw: Buffer, limits: MailLimits): FittingMail {
  return new Fitting(raw, limits).run();
}

/** Longer boundaries than any mailer makes (RFC 2046 allows 70 characters). */
const MAX_DELIMITER_BYTES = 256;
const DASH = 0x2d;
/**
 * A parameter called `__proto__*0` has mailparser's libmime reach for a member of Object.prototype and throw amid a
 * stream, where nobody can catch it: one message would end the process.
 */
const DEADLY = /__proto__/i;
const LINE_END = Buffer.from("\r\n");

interface Header {
  fields: number;
  bytes: number;
  /** Bytes of the field that the last line belongs to. */
  fieldBytes: number;
  contentType: string;
  inContentType: boolean;
}

const emptyHeader = (): Header => ({ fields: 0, bytes: 0, fieldBytes: 0, contentType: "", inContentType: false });

class Fitting {
  private readonly kept: Buffer[] = [];
  /** What is kept next: adjacent lines are one slice. */
  private slice: { start: number; end: number } = { start: 0, end: 0 };
  /** The boundaries of the multiparts that are open, the outermost first. */
  private readonly open: string[] = [];
  /** Null amid a body. */
  private header: Header | null = emptyHeader();
  private parts = 0;
  private isLeftOut = false;
  private problem: ParseError | null = null;

  constructor(
    private readonly raw: Buffer,
    private readonly limits: MailLimits,
  ) {}

  run(): FittingMail {
    for (const line of linesOf(this.raw)) {
      const delimiter = this.delimiterAt(line);
      if (delimiter && !this.enter(delimiter)) break;
      if (delimiter) this.keep(line);
      else if (!this.isLeftOut) this.take(line);
    }
    if (this.problem === null) return { raw: this.raw, problem: null };
    this.flush();
    return { raw: Buffer.concat(this.kept), problem: this.problem };
  }

  private take(line: ByteLine): void {
    if (this.header === null) this.keep(line);
    else if (isBlank(this.raw, line)) this.endHeader(this.header, line);
    else this.takeHeaderLine(this.header, line);
  }

  /** Whether the line begins or ends a part of an open multipart, and of which. */
  private delimiterAt({ start, end }: ByteLine): { readonly level: number; readonly isLast: boolean } | null {
    if (this.open.length === 0 || end - start > MAX_DELIMITER_BYTES) return null;
    if (this.raw[start] !== DASH || this.raw[start + 1] !== DASH) return null;
    const text = this.raw.toString("latin1", start + 2, end).trimEnd();
    for (let level = this.open.length - 1; level >= 0; level -= 1) {
      const boundary = this.open[level] ?? "";
      if (text === boundary) return { level, isLast: false };
      if (text === `${boundary}--`) return { level, isLast: true };
    }
    return null;
  }

  /** @returns false when nothing behind the delimiter is read any more */
  private enter({ level, isLast }: { readonly level: number; readonly isLast: boolean }): boolean {
    this.isLeftOut = false;
    // As mailparser has it, parts may follow the last one: only what ends the outer multipart ends this one.
    this.open.length = level + 1;
    this.header = isLast ? null : emptyHeader();
    if (isLast) return true;
    this.parts += 1;
    if (this.parts <= this.limits.parts) return true;
    this.problem ??= "too_many_parts";
    return false;
  }

  private takeHeaderLine(header: Header, line: ByteLine): void {
    const { fieldBytes, headerBytes, fields } = this.limits;
    if (!isFolded(this.raw, line)) {
      header.fields += 1;
      header.fieldBytes = 0;
      const isContentType = /^content-type\s*:/i.test(this.raw.toString("latin1", line.start, line.start + 32));
      header.inContentType = isContentType && header.contentType === "";
    }
    if (DEADLY.test(this.raw.toString("latin1", line.start, Math.min(line.end, line.start + fieldBytes)))) {
      this.problem ??= "unreadable";
      return;
    }
    const room = header.fields > fields ? 0 : Math.min(fieldBytes - header.fieldBytes, headerBytes - header.bytes);
    const fits = line.end - line.start <= room;
    const taken = fits ? line : { start: line.start, end: line.start + room };
    header.bytes += taken.end - taken.start;
    header.fieldBytes += taken.end - taken.start;
    if (header.inContentType) header.contentType += this.raw.toString("latin1", taken.start, taken.end);
    this.keep(taken);
    if (!fits) this.cutHeader(room);
  }

  private cutHeader(room: number): void {
    this.problem ??= "headers_too_large";
    if (room === 0) return;
    this.flush();
    this.kept.push(LINE_END);
  }

  private endHeader(header: Header, line: ByteLine): void {
    this.keep(line);
    this.header = null;
    const { value, params } = libmime.parseHeaderValue(libmime.decodeHeader(header.contentType).value);
    if (!/^multipart\//i.test(value.trim())) return;
    // Without a boundary nobody can tell its parts.
    if (!params.boundary) this.problem ??= "unreadable";
    else if (this.open.length < this.limits.depth) this.open.push(params.boundary);
    else {
      this.problem ??= "nested_too_deep";
      this.isLeftOut = true;
    }
  }

  private keep({ start, end }: ByteLine): void {
    if (start === end) return;
    if (start !== this.slice.end) {
      this.flush();
      this.slice.start = start;
    }
    this.slice.end = end;
  }

  private flush(): void {
    const { start, end } = this.slice;
    if (end > start) this.kept.push(this.raw.subarray(start, end));
    this.slice = { start: end, end };
  }
}
