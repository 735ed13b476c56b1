import type { Dialect } from "./dialect";

const GENERATED_PREFIX = "whsec_";

/** What precedes the body bytes in the text that Standard Webhooks signs: `{id}.{timestamp}.{body}`. */
export function standardSignedPrefix(deliveryId: string, timestampS: number): string {
  return `${deliveryId}.${timestampS}.`;
}

/** How a secret keys Standard Webhooks: a `whsec_` secret by its decoded bytes, any other by its UTF-8 bytes. */
export function standardKey(secret: string): { readonly text: string; readonly encoding: "base64" | "utf8" } {
  return secret.startsWith(GENERATED_PREFIX)
    ? { text: secret.slice(GENERATED_PREFIX.length), encoding: "base64" }
    : { text: secret, encoding: "utf8" };
}

/** A new secret from 32 random bytes given in base64. Source: contract §3. */
export function generatedSecret(base64Of32Bytes: string): string {
  return GENERATED_PREFIX + base64Of32Bytes;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Whether an existing secret can be taken over: 16–256 printable characters, and what follows a `whsec_` must be
 * base64, or Standard Webhooks libraries at the receiver would decode other bytes than we do. Source: contract §3.
 */
export function isImportableSecret(secret: string): boolean {
  if (!/^[^\p{C}\p{Zl}\p{Zp}]{16,256}$/u.test(secret)) return false;
  return !secret.startsWith(GENERATED_PREFIX) || BASE64.test(secret.slice(GENERATED_PREFIX.length));
}

/** Headers that name the event to the receiver, beside the signatures. Source: contract §3 "brand headers". */
export function brandEventHeaders(
  dialect: Dialect,
  event: { readonly name: string; readonly inbound_hash: string | null },
): Record<string, string> {
  if (dialect !== "buzzmark") return {};
  const headers: Record<string, string> = { "X-Buzzmark-Event": event.name };
  if (event.inbound_hash !== null) headers["X-Buzzmark-Inbound-Hash"] = event.inbound_hash;
  return headers;
}
