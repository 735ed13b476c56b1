/**
 * Records of Kafka's record batch v2 (KIP-98) written and read in one pass over one buffer. kafkajs builds a buffer of
 * 512 bytes per header and copies an object per header, which was a third of what a delivery cost a process.
 */
export interface EncodableRecord {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: string | Buffer | null;
  readonly value?: string | Buffer | null;
  readonly headers?: Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>;
}

type HeaderValue = string | Buffer;
type Bytes = string | Buffer | null | undefined;

/** The bytes of one record, its length in front. */
export function encodeRecord(record: EncodableRecord): Buffer {
  const { offsetDelta = 0, timestampDelta = 0, key, value, headers = {} } = record;
  const pairs = headerPairs(headers);
  const sizes = pairs.map(sizeOf);
  const keySize = sizeOf(key);
  const valueSize = sizeOf(value);
  let body = 1 + varintSize(timestampDelta) + varintSize(offsetDelta);
  body += fieldSize(keySize) + fieldSize(valueSize) + varintSize(pairs.length / 2);
  for (const size of sizes) body += fieldSize(size);
  const buffer = Buffer.allocUnsafe(varintSize(body) + body);
  let at = writeVarint(buffer, 0, body);
  buffer[at] = 0;
  at = writeVarint(buffer, at + 1, timestampDelta);
  at = writeVarint(buffer, at, offsetDelta);
  at = writeField(buffer, at, key, keySize);
  at = writeField(buffer, at, value, valueSize);
  at = writeVarint(buffer, at, pairs.length / 2);
  for (let i = 0; i < pairs.length; i++) at = writeField(buffer, at, pairs[i], sizes[i] ?? -1);
  return buffer;
}

/** One record as kafkajs hands it on; offsets and times are relative to their batch. */
export interface DecodedRecord {
  readonly attributes: number;
  /** Milliseconds from the batch's first time. */
  readonly timestampDelta: number;
  /** How many offsets behind the batch's first. */
  readonly offsetDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Where its headers begin, for `decodeHeaders`: most records are kept for longer than theirs are needed. */
  readonly headersAt: number;
}

export type DecodedHeaders = Record<string, Buffer | null | (Buffer | null)[]>;

/** Reads one record from the bytes that follow its length. Key and value are views of `bytes`. */
export function decodeRecord(bytes: Buffer): DecodedRecord {
  const reader = new RecordReader(bytes);
  const attributes = reader.byte();
  const timestampDelta = reader.varint();
  const offsetDelta = reader.varint();
  const key = reader.field();
  const value = reader.field();
  return { attributes, timestampDelta, offsetDelta, key, value, headersAt: reader.position };
}

/** Reads the headers of a record that `decodeRecord` has read; the values are views of `bytes`. */
export function decodeHeaders(bytes: Buffer, headersAt: number): DecodedHeaders {
  const reader = new RecordReader(bytes, headersAt);
  const headers: DecodedHeaders = {};
  for (let left = reader.varint(); left > 0; left--) addHeader(headers, reader.text(), reader.field());
  return headers;
}

class RecordReader {
  constructor(
    private readonly bytes: Buffer,
    private at = 0,
  ) {}

  get position(): number {
    return this.at;
  }

  byte(): number {
    this.at += 1;
    return this.bytes.readInt8(this.at - 1);
  }

  /** Zigzag, up to 53 bits: arithmetic instead of shifts, which end at 32. */
  varint(): number {
    let value = 0;
    let factor = 1;
    let byte: number;
    do {
      byte = this.bytes.readUInt8(this.at);
      this.at += 1;
      value += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte > 0x7f);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    const end = this.varint() + this.at;
    const text = this.bytes.toString("utf8", this.at, end);
    this.at = end;
    return text;
  }

  field(): Buffer | null {
    const size = this.varint();
    if (size < 0) return null;
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}

/** A header that occurs several times holds all its values, as with kafkajs. */
function addHeader(headers: DecodedHeaders, name: string, value: Buffer | null): void {
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const after = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  if (name === "__proto__") Object.defineProperty(headers, name, { value: after, enumerable: true, writable: true });
  else headers[name] = after;
}

/** Names and values in turn. */
function headerPairs(headers: NonNullable<EncodableRecord["headers"]>): Bytes[] {
  const pairs: Bytes[] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (isList(value)) for (const item of value) pairs.push(name, item);
    else pairs.push(name, value);
  }
  return pairs;
}

function isList(value: HeaderValue | readonly HeaderValue[] | undefined): value is readonly HeaderValue[] {
  return Array.isArray(value);
}

/** −1: there is none. */
function sizeOf(value: Bytes): number {
  if (value === null || value === undefined) return -1;
  return typeof value === "string" ? Buffer.byteLength(value) : value.length;
}

function fieldSize(size: number): number {
  return varintSize(size) + Math.max(size, 0);
}

function writeField(buffer: Buffer, at: number, value: Bytes, size: number): number {
  const start = writeVarint(buffer, at, size);
  if (size <= 0) return start;
  if (typeof value === "string") buffer.write(value, start);
  else value?.copy(buffer, start);
  return start + size;
}

/** Zigzag of a number of up to 52 bits. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function varintSize(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

function writeVarint(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = zigzag(value);
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) {
    buffer[at] = (rest % 128) | 0x80;
    at += 1;
  }
  buffer[at] = rest;
  return at + 1;
}
