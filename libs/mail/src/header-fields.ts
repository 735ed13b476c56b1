import type { HeaderField } from "@waggle/domain";

import libmime = require("libmime");

import { isBlank, isFolded, linesOf } from "./byte-lines";
import { readableText, wellFormed } from "./readable-text";

/** A header field as it was sent, unfolded, its encoded words not decoded. */
export interface RawField {
  readonly name: string;
  readonly value: string;
}

/** The fields of a message's own header, in order. Lines that are no field (mbox's `From `, rubbish) are left out. */
export function rawFields(raw: Buffer): RawField[] {
  const fields: RawField[] = [];
  for (const { start, end } of fieldsOfHeader(raw)) {
    const text = readableText(raw.subarray(start, end));
    const colon = text.indexOf(":");
    const name = text.slice(0, colon).trimEnd();
    if (colon < 1 || !isFieldName(name)) continue;
    fields.push({ name, value: unfolded(text.slice(colon + 1)) });
  }
  return fields;
}

/** Fields as receivers see them: encoded words decoded, wherever they stand (RFC 2047 is often broken). */
export function decodedFields(fields: readonly RawField[]): HeaderField[] {
  return fields.map(({ name, value }) => ({ name, value: decodedWords(value) }));
}

/** The first field of that name, in lower case, or null. */
export function fieldValue(fields: readonly RawField[], name: string): string | null {
  return fields.find((field) => field.name.toLowerCase() === name)?.value ?? null;
}

/**
 * Text with its encoded words decoded; words in a charset nobody knows stay as libmime leaves them. They may hold what
 * no header can: line breaks, NUL bytes, half characters.
 */
export function decodedWords(text: string): string {
  if (!text.includes("=?")) return text;
  try {
    return wellFormed(
      libmime
        .decodeWords(text)
        .replaceAll(/[\r\n\0]+/g, " ")
        .trim(),
    );
  } catch {
    return text;
  }
}

/** Printable US-ASCII but the colon, with no space in it (RFC 5322 §2.2). */
function isFieldName(name: string): boolean {
  return /^[!-9;-~]+$/.test(name);
}

/** Takes the line breaks out, and the NUL bytes that no text can hold. */
function unfolded(value: string): string {
  return value.replaceAll(/[\r\n\0]+/g, "").trim();
}

/** Where each field of the first header stands, continuation lines included. */
function* fieldsOfHeader(raw: Buffer): Generator<{ start: number; end: number }> {
  let field: { start: number; end: number } | null = null;
  for (const line of linesOf(raw)) {
    if (isBlank(raw, line)) break;
    if (field && isFolded(raw, line)) {
      field = { start: field.start, end: line.end };
      continue;
    }
    if (field) yield field;
    field = line;
  }
  if (field) yield field;
}
