import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { BRAND_SIGNATURE_HEADER, type Dialect, standardKey, standardSignedPrefix } from "@waggle/domain";

/** A secret ready to sign, until `expiresAt` (milliseconds since the epoch; null: it is the current one). */
export interface SigningKey {
  readonly brand: KeyObject;
  readonly standard: KeyObject;
  readonly expiresAt: number | null;
}

export function signingKey(secret: string, expiresAt: number | null): SigningKey {
  const { text, encoding } = standardKey(secret);
  return {
    brand: createSecretKey(Buffer.from(secret, "utf8")),
    standard: createSecretKey(Buffer.from(text, encoding)),
    expiresAt,
  };
}

export interface ToSign {
  readonly dialect: Dialect;
  readonly deliveryId: string;
  readonly timestampS: number;
  readonly body: Buffer;
}

/**
 * The signature headers over exactly these bytes: Standard Webhooks with one `v1,` per live key, the brand's own with
 * the newest and, during a rotation's overlap, `…-Previous` with the one before. Source: contract §3.
 */
export function signatureHeaders(keys: readonly SigningKey[], toSign: ToSign, now: number): Record<string, string> {
  const live = keys.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  const prefix = standardSignedPrefix(toSign.deliveryId, toSign.timestampS);
  const headers: Record<string, string> = {
    "webhook-signature": live.map((key) => `v1,${standardSignature(key, prefix, toSign.body)}`).join(" "),
  };
  const brandHeader = BRAND_SIGNATURE_HEADER[toSign.dialect];
  if (brandHeader === null) return headers;
  const [current, previous] = live;
  if (current) headers[brandHeader] = brandSignature(current, toSign.body);
  if (previous) headers[`${brandHeader}-Previous`] = brandSignature(previous, toSign.body);
  return headers;
}

function standardSignature(key: SigningKey, prefix: string, body: Buffer): string {
  return createHmac("sha256", key.standard).update(prefix).update(body).digest("base64");
}

function brandSignature(key: SigningKey, body: Buffer): string {
  return createHmac("sha256", key.brand).update(body).digest("hex");
}
