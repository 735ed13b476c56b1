import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { WaggleError } from "@waggle/domain";

const FORMAT = "v1";
const IV_BYTES = 12;
const KEY_BYTES = 32;

/** Seals text at rest with AES-256-GCM. Source: safety.md "Secrets". */
export interface SecretBox {
  /** The key that seals. */
  readonly kid: string;
  /** `v1.kid.iv.ct.tag` (base64url parts), under the first key. `aad` binds it to its owner. */
  seal(plain: string, aad: string): string;
  /** @throws WaggleError `secret_unreadable`: moved to another owner, altered, or its key is not configured */
  open(sealed: string, aad: string): string;
  /**
   * The same secret under the first key; what is sealed under that already comes back as it is, unopened.
   * @throws WaggleError as `open`
   */
  reseal(sealed: string, aad: string): string;
}

/**
 * @param keys `SECRETS_KEYS`: `kid:base64(32 bytes),…`; the first seals, all open
 * @throws RangeError naming the part that is no key
 */
export function createSecretBox(keys: string): SecretBox {
  const ring = parseKeys(keys);
  const [current] = ring;
  if (!current) throw new RangeError("SECRETS_KEYS names no key");
  const byId = new Map(ring);
  return {
    kid: current[0],
    seal: (plain, aad) => seal(current, plain, aad),
    open: (sealed, aad) => open(byId, sealed, aad),
    reseal: (sealed, aad) =>
      sealed.startsWith(`${FORMAT}.${current[0]}.`) ? sealed : seal(current, open(byId, sealed, aad), aad),
  };
}

type NamedKey = readonly [kid: string, key: Buffer];

/** @throws RangeError naming the entry (by position, never by content) that is no `kid:base64(32 bytes)` */
export function parseKeys(keys: string): NamedKey[] {
  const ring = keys.split(",").map((entry, index): NamedKey => {
    const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(entry.trim());
    const key = Buffer.from(match?.[2] ?? "", "base64");
    if (!match?.[1] || key.length !== KEY_BYTES) {
      throw new RangeError(`entry ${index + 1} is not kid:base64(32 bytes)`);
    }
    return [match[1], key];
  });
  if (new Set(ring.map(([kid]) => kid)).size !== ring.length) throw new RangeError("two keys have the same kid");
  return ring;
}

function seal([kid, key]: NamedKey, plain: string, aad: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(aad));
  const ciphertext = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return [FORMAT, kid, ...[iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString("base64url"))].join(".");
}

function open(ring: ReadonlyMap<string, Buffer>, sealed: string, aad: string): string {
  const [format, kid = "", iv = "", ciphertext = "", tag = ""] = sealed.split(".");
  const key = ring.get(kid);
  if (format !== FORMAT || !key) throw new WaggleError("secret_unreadable", `no key for what was sealed under ${kid}`);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64url"), { authTagLength: 16 })
      .setAAD(Buffer.from(aad))
      .setAuthTag(Buffer.from(tag, "base64url"));
    return decipher.update(ciphertext, "base64url", "utf8") + decipher.final("utf8");
  } catch (cause) {
    throw new WaggleError("secret_unreadable", "what was sealed does not belong here or was altered", { cause });
  }
}

/** What binds a webhook's secrets and header values to it. */
export function webhookAad(tenantId: string, webhookId: string): string {
  return `${tenantId}|${webhookId}`;
}

/** What binds a kept answer to its tenant (empty: the operator) and the idempotency key it was asked with. */
export function answerAad(tenantId: string, key: string): string {
  return `${tenantId}|answer|${key}`;
}

/** What binds a tenant's shared secret to it. */
export function tenantAad(tenantId: string): string {
  return `${tenantId}|`;
}
