const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/**
 * What both doors say, whatever their JSON makes of it: protobuf's leaves out what is null, empty, zero or false, writes
 * large numbers as text, and times without a fraction that is zero.
 */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === "string") return INSTANT.test(value) ? Date.parse(value) : value;
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, comparable(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => !isUnset(inner)));
}

function isUnset(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === undefined || value === "" || value === "0" || value === false;
}
