import { createHash, timingSafeEqual } from "node:crypto";
import { WaggleError } from "@waggle/domain";

/**
 * The token of an `Authorization: Bearer …` header (RFC 6750 §2.1; the scheme's case does not matter).
 * @throws WaggleError `unauthorized`
 */
export function bearerToken(authorization: string | undefined): string {
  const match = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization?.trim() ?? "");
  if (!match?.[1]) throw new WaggleError("unauthorized", "send Authorization: Bearer <token>");
  return match[1];
}

/** Whether two tokens are the same, in time that tells nothing of where they differ or how long they are. */
export function sameToken(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
