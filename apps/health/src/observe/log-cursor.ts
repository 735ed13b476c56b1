import type { DeliveryPosition } from "./ports";
import type { AttemptPosition } from "./statistics/ports";

const LATEST_MS = 8_640_000_000_000_000;

/** A cursor names the last delivery shown, so that what is accepted meanwhile shifts nothing. */
export function encodeLogCursor({ accepted_at, delivery_id }: DeliveryPosition): string {
  return encode(accepted_at, delivery_id);
}

/** Null for text that is no cursor of ours. */
export function decodeLogCursor(cursor: string): DeliveryPosition | null {
  const place = decode(cursor);
  return place && { accepted_at: place.time, delivery_id: place.id };
}

/** The same for a webhook's attempts. */
export function encodeAttemptCursor({ at, try_id }: AttemptPosition): string {
  return encode(at, try_id);
}

/** Null for text that is no cursor of ours. */
export function decodeAttemptCursor(cursor: string): AttemptPosition | null {
  const place = decode(cursor);
  return place && { at: place.time, try_id: place.id };
}

function encode(time: number, id: string): string {
  return Buffer.from(`${time}/${id}`).toString("base64url");
}

function decode(cursor: string): { readonly time: number; readonly id: string } | null {
  const match = /^(\d{1,16})\/([\x21-\x7e]{1,200})$/.exec(Buffer.from(cursor, "base64url").toString("utf8"));
  if (!match?.[1] || !match[2]) return null;
  const place = { time: Number(match[1]), id: match[2] };
  if (place.time > LATEST_MS || encode(place.time, place.id) !== cursor) return null;
  return place;
}
