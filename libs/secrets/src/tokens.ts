import { createHash, randomBytes } from "node:crypto";
import { generatedSecret, ulid } from "@waggle/domain";

const API_KEY_PREFIX = "wag_";
const API_KEY_BYTES = 30;

/** SHA-256 of UTF-8 text, lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** `wag_` + 40 characters that hold 240 random bits. Shown once, stored as a hash. Source: contract §4. */
export function generateApiKey(): string {
  return API_KEY_PREFIX + randomBytes(API_KEY_BYTES).toString("base64url");
}

/** What is stored and looked up of an API key. */
export function hashApiKey(key: string): string {
  return sha256Hex(key);
}

/** A webhook secret: `whsec_` + base64 of 32 random bytes. Source: contract §3. */
export function generateSecret(): string {
  return generatedSecret(randomBytes(32).toString("base64"));
}

/** `<prefix>_<ulid>`: unique, and sorting by the time it was made. */
export function newId(prefix: string, nowMs: number): string {
  return `${prefix}_${ulid(nowMs, randomBytes(16))}`;
}
