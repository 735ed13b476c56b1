import type { DeliveryPosition } from "./ports";

const LATEST_MS = 8_640_000_000_000_000;

/** A cursor names the last delivery shown, so that what is accepted meanwhile shifts nothing. */
export function encodeLogCursor({ accepted_at, delivery_id }: DeliveryPosition): string {
  return Buffer.from(`${accepted_at}/${delivery_id}`).toString("base64url");
}

/** Null for text that is no cursor of ours. */
export function decodeLogCursor(cursor: string): DeliveryPosition | null {
  const match = /^(\d{1,16})\/([\x21-\x7e]{1,200})$/.exec(Buffer.from(cursor, "base64url").toString("utf8"));
  if (!match?.[1] || !match[2]) return null;
  const position = { accepted_at: Number(match[1]), delivery_id: match[2] };
  if (position.accepted_at > LATEST_MS || encodeLogCursor(position) !== cursor) return null;
  return position;
}
