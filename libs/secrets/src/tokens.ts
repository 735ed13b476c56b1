import { createHash, randomBytes, randomFillSync } from "node:crypto";
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

const HASH_LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
const HASH_LENGTH = 32;

/** The local part of a new inbound address: 160 random bits in lower-case letters and digits, as relays fold case. */
export function generateInboundHash(): string {
  return Array.from(randomBytes(HASH_LENGTH), (byte) => HASH_LETTERS.charAt(byte % HASH_LETTERS.length)).join("");
}

/** A webhook secret: `whsec_` + base64 of 32 random bytes. Source: contract §3. */
export function generateSecret(): string {
  return generatedSecret(randomBytes(32).toString("base64"));
}

/** Random bytes are drawn for many ids at a time: a draw costs about as much for 16 bytes as for thousands. */
const POOL_BYTES = 8_192;
const ID_BYTES = 16;
const pool = Buffer.allocUnsafe(POOL_BYTES);
let drawn = POOL_BYTES;

/** `<prefix>_<ulid>`: unique, and sorting by the time it was made. */
export function newId(prefix: string, nowMs: number): string {
  if (drawn === POOL_BYTES) {
    randomFillSync(pool);
    drawn = 0;
  }
  const random = pool.subarray(drawn, drawn + ID_BYTES);
  drawn += ID_BYTES;
  return `${prefix}_${ulid(nowMs, random)}`;
}
