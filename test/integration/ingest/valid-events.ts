import { randomUUID } from "node:crypto";

/** Something every event of one test carries, so that the test finds its own again. */
export function uniqueTenant(): string {
  return `ten_${randomUUID()}`;
}

/** A published event with the least it needs. */
export function anOpen(more: object = {}, data: object = {}): Record<string, unknown> {
  return { type: "open", ...more, data: { email_id: "msg_1", to: "customer@example.com", ...data } };
}

/** An event whose JSON has exactly so many bytes. */
export function anOpenOf(bytes: number, more: object = {}): Record<string, unknown> {
  const frame = Buffer.byteLength(JSON.stringify(anOpen(more, { padding: "" })));
  return anOpen(more, { padding: "x".repeat(bytes - frame) });
}

export function several<Value>(count: number, make: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function ndjson(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}
