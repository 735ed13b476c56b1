import { DIALECTS, DISABLED_REASONS, EVENT_TYPES, WEBHOOK_STATUSES } from "@waggle/domain";
import { z } from "zod";
import { checkedJson } from "./checked-json";
import { DecodeError } from "./decode-error";
import { WEBHOOK_DIRECTORY } from "./topics";
import type { WireRecord } from "./wire-record";

/**
 * `webhook.directory`: what the data plane must know, one compacted record per thing, each with a version from one
 * PostgreSQL sequence. A higher version replaces a lower one, whatever the order of arrival. Secrets and custom
 * header values are sealed (`libs/secrets`). Source: architecture "topics".
 */
const version = z.number().int().nonnegative();

const sealedSecret = z.object({
  sealed: z.string(),
  /** Milliseconds since the epoch after which it no longer signs; null: the current one. */
  expires_at: z.number().nullable(),
});

const deleted = z.object({ version, deleted: z.literal(true), deleted_at: z.number() });

const webhookEntry = z.object({
  version,
  deleted: z.literal(false),
  id: z.string(),
  tenant_id: z.string(),
  url: z.string(),
  /** Canonical types, `*` already resolved. */
  event_types: z.array(z.enum(EVENT_TYPES)),
  tags: z.array(z.string()),
  dialect: z.enum(DIALECTS),
  status: z.enum(WEBHOOK_STATUSES),
  disabled_reason: z.enum(DISABLED_REASONS).nullable(),
  created_at: z.number(),
  /** Newest first. Empty when the tenant's shared secret signs. AAD: `<tenant_id>|<webhook id>`. */
  secrets: z.array(sealedSecret),
  /** Custom headers: names in the clear, values sealed under the same AAD as the secrets. */
  headers: z.array(z.object({ name: z.string(), sealed: z.string() })),
  timeout_ms: z.number().nullable(),
  max_in_flight: z.number().nullable(),
  max_per_second: z.number().nullable(),
  retry_delays_s: z.array(z.number()).nullable(),
});

const tenantEntry = z.object({
  version,
  deleted: z.literal(false),
  id: z.string(),
  dialect: z.enum(DIALECTS),
  /** The secret its sharing webhooks sign with, newest first; empty: none. AAD: `<tenant_id>|`. */
  secrets: z.array(sealedSecret),
});

const apiKeyEntry = z.object({
  version,
  deleted: z.literal(false),
  id: z.string(),
  tenant_id: z.string(),
  scopes: z.array(z.enum(["publish", "manage"])),
  /** Milliseconds since the epoch; null: never. */
  expires_at: z.number().nullable(),
});

const inboundEntry = z.object({ version, deleted: z.literal(false), hash: z.string(), tenant_id: z.string() });

const deliveryEntry = z.object({
  version,
  deleted: z.literal(false),
  id: z.string(),
  /** Records of older rounds are superseded and dropped. */
  min_round: z.number().int(),
});

const ENTRY_SCHEMAS = {
  webhook: z.discriminatedUnion("deleted", [webhookEntry, deleted]),
  tenant: z.discriminatedUnion("deleted", [tenantEntry, deleted]),
  "api-key": z.discriminatedUnion("deleted", [apiKeyEntry, deleted]),
  inbound: z.discriminatedUnion("deleted", [inboundEntry, deleted]),
  delivery: z.discriminatedUnion("deleted", [deliveryEntry, deleted]),
} as const;

export type DirectoryKind = keyof typeof ENTRY_SCHEMAS;
export type DirectoryEntry<Kind extends DirectoryKind> = z.infer<(typeof ENTRY_SCHEMAS)[Kind]>;
export type WebhookEntry = z.infer<typeof webhookEntry>;
export type TenantEntry = z.infer<typeof tenantEntry>;
export type ApiKeyEntry = z.infer<typeof apiKeyEntry>;
export type InboundEntry = z.infer<typeof inboundEntry>;
export type DeliveryRoundEntry = z.infer<typeof deliveryEntry>;
export type DeletedEntry = z.infer<typeof deleted>;
export type SealedSecret = z.infer<typeof sealedSecret>;

/** A decoded record of the directory; `entry` null is a tombstone (the thing was deleted more than 8 days ago). */
export type DirectoryRecord = {
  [Kind in DirectoryKind]: { readonly kind: Kind; readonly id: string; readonly entry: DirectoryEntry<Kind> | null };
}[DirectoryKind];

/** The record that makes `entry` the current state of one thing; null removes its last trace. */
export function encodeDirectoryRecord(record: DirectoryRecord): WireRecord {
  return {
    topic: WEBHOOK_DIRECTORY,
    key: `${record.kind}/${record.id}`,
    value: record.entry === null ? null : Buffer.from(JSON.stringify(record.entry)),
  };
}

/** @throws DecodeError `undecodable` when the key or the value is none of the directory's */
export function decodeDirectoryRecord(record: {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}): DirectoryRecord {
  const [kind, id] = splitKey(record.key?.toString("utf8") ?? "");
  if (record.value === null) return { kind, id, entry: null };
  const entry = checkedJson<unknown>(record.value, ENTRY_SCHEMAS[kind]);
  // The schema was looked up by the same kind, which the type checker cannot follow through the map.
  return { kind, id, entry } as DirectoryRecord;
}

function splitKey(key: string): [DirectoryKind, string] {
  const slash = key.indexOf("/");
  const kind = key.slice(0, slash);
  const id = key.slice(slash + 1);
  if (slash < 0 || id === "" || !Object.hasOwn(ENTRY_SCHEMAS, kind)) throw new DecodeError("undecodable", "key");
  return [kind as DirectoryKind, id];
}
