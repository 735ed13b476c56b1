import { DecodeError } from "./decode-error";

/** Reads Kafka headers, all of which are UTF-8 text; every accessor throws DecodeError naming the header. */
export class HeaderReader {
  constructor(private readonly headers: Readonly<Record<string, Buffer>>) {}

  optional(name: string): string | null {
    return this.headers[name]?.toString("utf8") ?? null;
  }

  text(name: string): string {
    const value = this.optional(name);
    if (value === null || value === "") throw new DecodeError("undecodable", `header ${name}`);
    return value;
  }

  /** A whole number ≥ 0 in decimal digits. */
  count(name: string): number {
    const text = this.text(name);
    const value = Number(text);
    // Number() alone would read blanks as 0, and hexadecimal.
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new DecodeError("undecodable", `header ${name}`);
    return value;
  }

  /** A whole number ≥ 1. */
  ordinal(name: string): number {
    const value = this.count(name);
    if (value === 0) throw new DecodeError("undecodable", `header ${name}`);
    return value;
  }

  flag(name: string): boolean {
    return this.optional(name) === "1";
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value {
    const text = this.text(name);
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) throw new DecodeError("undecodable", `header ${name}`);
    return value;
  }

  strings(name: string): string[] {
    const text = this.optional(name);
    if (text === null) return [];
    try {
      const value: unknown = JSON.parse(text);
      if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    } catch {
      // Reported below: a header that is no JSON and one that is no list of strings are the same to the reader.
    }
    throw new DecodeError("undecodable", `header ${name}`);
  }
}
