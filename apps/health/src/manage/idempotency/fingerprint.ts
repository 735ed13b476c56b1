import { sha256Hex } from "@waggle/secrets";

/** The same for two requests that say the same, in whatever order their members stand. `input` is JSON. */
export function fingerprint(operation: string, input: unknown): string {
  return sha256Hex(JSON.stringify([operation, input], inOrder));
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
