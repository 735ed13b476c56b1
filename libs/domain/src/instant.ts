const ISO_8601 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)$/i;

/**
 * An ISO 8601 instant with a zone, rewritten in UTC with `Z`; the fraction stays digit for digit, and none is added.
 * Seconds and the minutes of the zone may be missing (`12:34+02`), `t` and `z` may be small as in RFC 3339.
 * Returns null when the text is no such instant (no zone, a day that does not exist, an hour of 24).
 */
export function toUtcInstant(text: string): string | null {
  const match = ISO_8601.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second = "00", fraction, zone] = match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const asWritten = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  // Date.UTC rolls 30 February over into March; an instant that does not read back as written does not exist.
  if (Number(year) < 100 || new Date(local).toISOString().slice(0, 19) !== asWritten) return null;
  const offset = zoneOffsetMinutes(zone ?? "Z");
  if (offset === null) return null;
  const utc = new Date(local - offset * 60_000).toISOString();
  if (utc.length !== 24) return null;
  return `${utc.slice(0, 19)}${fraction ? `.${fraction}` : ""}Z`;
}

function zoneOffsetMinutes(zone: string): number | null {
  if (zone.toUpperCase() === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0;
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** Milliseconds since the epoch as an instant without a fraction. */
export function wholeSecondInstant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
