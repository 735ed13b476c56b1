import type { DirectoryRecord, WireRecord } from "@waggle/contracts";
import type { ApiKey } from "./api-keys/api-key";
import type { AuditTrail } from "./audit/audit-entry";
import type { Once } from "./idempotency/once";
import type { InboundAddress } from "./inbound-addresses/inbound-address";
import type { PageRequest } from "./page";
import type { Tenant } from "./tenants/tenant";
import type { HistoryEntry } from "./webhooks/history-entry";
import type { SignedWebhook } from "./webhooks/signing-secret";
import type { Webhook } from "./webhooks/webhook";

/** Tenants, API keys and webhooks as they are kept. Every method rejects with `database_unavailable` when it is away. */
export abstract class ManagementStore {
  /**
   * Runs `work` in one transaction: what it changed and what the directory must learn of it, or nothing at all. With
   * `once` the answer is kept in it too, unless the result is null.
   * @throws AlreadyAnswered when that was done before
   * @throws WaggleError `idempotency_in_progress`
   */
  abstract change<Result>(
    work: (changes: Changes) => Promise<Result>,
    once?: Once<NonNullable<Result>>,
  ): Promise<Result>;

  abstract tenant(id: string): Promise<Tenant | null>;
  abstract tenants(page: PageRequest): Promise<Tenant[]>;
  abstract apiKey(id: string): Promise<ApiKey | null>;
  abstract apiKeyByHash(hash: string): Promise<ApiKey | null>;
  abstract apiKeys(page: PageRequest & OfTenant): Promise<ApiKey[]>;
  abstract webhook(id: string): Promise<Webhook | null>;
  abstract webhooks(page: PageRequest & OfTenant): Promise<Webhook[]>;
  abstract inboundAddresses(page: PageRequest & OfTenant): Promise<InboundAddress[]>;
  abstract history(page: PageRequest & { readonly webhook_id: string }): Promise<HistoryEntry[]>;
}

/** Null: whatever the tenant. */
export interface OfTenant {
  readonly tenant_id: string | null;
}

/** What tenants may have a limited number of. */
export type CountedThing = "webhooks" | "api_keys" | "inbound_addresses";

/**
 * What can be done in one transaction. Whatever is put or removed gets a version, and its directory record goes into
 * the outbox. Things that others may change are locked before; a tenant always before its webhooks.
 */
export interface Changes extends AuditTrail {
  /** `share` keeps it from being changed, `update` from being shared too. */
  lockTenant(id: string, mode: "share" | "update"): Promise<Tenant | null>;
  /** Locks the webhook for update and its tenant for share, or as `tenantMode` says. */
  lockWebhook(id: string, tenantMode?: "share" | "update"): Promise<SignedWebhook | null>;
  /** Locks and returns the webhooks that sign with the tenant's secret. */
  lockSharingWebhooks(tenantId: string): Promise<Webhook[]>;
  isSharedSecretInUse(tenantId: string): Promise<boolean>;
  /** Which webhooks sign with the tenant's secret; they stay the same while the tenant is locked for update. */
  sharingWebhooks(tenantId: string): Promise<readonly string[]>;

  /** How many of these a tenant has; who else asks waits until the transaction ends. The tenant must be locked. */
  countForCreation(things: CountedThing, tenantId: string): Promise<number>;

  putTenants(tenants: readonly Tenant[]): Promise<void>;
  /** Returns them with their new versions. */
  putWebhooks(webhooks: readonly Webhook[]): Promise<readonly Webhook[]>;
  putApiKeys(apiKeys: readonly ApiKey[]): Promise<void>;
  putInboundAddresses(addresses: readonly InboundAddress[]): Promise<void>;
  /** Removes a tenant that is locked for update, with its webhooks, keys and inbound addresses. Returns how many those were. */
  removeTenant(id: string, deletedAt: number): Promise<Readonly<Record<CountedThing, number>>>;
  /** Removes a webhook that is locked. */
  removeWebhook(id: string, deletedAt: number): Promise<void>;
  /** Notes what happened to a webhook that is there. */
  recordHistory(entry: HistoryEntry): Promise<void>;
  /** The same, of any number of webhooks. */
  recordHistories(entries: readonly HistoryEntry[]): Promise<void>;
  /** Whether a webhook fails, has a circuit that is not closed, or was warned about. */
  isTroubled(webhookId: string): Promise<boolean>;
  /** Lets failures up to a time (milliseconds since the epoch) count no longer. The webhook must be locked. */
  forgiveFailures(webhook: Pick<Webhook, "id" | "tenant_id">, until: number): Promise<void>;
  /** Returns the key that is gone; null: there was none. */
  removeApiKey(key: { readonly id: string; readonly deleted_at: number } & OfTenant): Promise<ApiKey | null>;
  /** Returns the address that is gone; null: there was none. */
  removeInboundAddress(
    address: { readonly hash: string; readonly deleted_at: number } & OfTenant,
  ): Promise<InboundAddress | null>;
}

/** A record that was committed with a change and is not yet known to be on Kafka. */
export interface WaitingRecord extends WireRecord {
  readonly version: number;
}

export abstract class Outbox {
  /** Those that wait longest, in the order of their versions; few enough for one request to Kafka. */
  abstract oldest(): Promise<readonly WaitingRecord[]>;
  abstract remove(records: readonly WaitingRecord[]): Promise<void>;
}

/** The state of everything the directory knows, as the database has it. */
export abstract class DirectorySource {
  /** Makes every later version higher than `version`. */
  abstract raiseVersionsAbove(version: number): Promise<void>;
  /** All of it, deletions last, in pages. */
  abstract records(): AsyncIterable<readonly DirectoryRecord[]>;
  /** Gives the current state of these things a new version, to be published. */
  abstract renew(things: readonly DirectoryThing[]): Promise<void>;
  /** To be published as deleted, unless they exist after all. */
  abstract bury(things: readonly DirectoryThing[]): Promise<void>;
  /** Of which of these deliveries older rounds are known to be superseded. */
  abstract supersededAmong(deliveryIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Lets the directory say no longer that rounds of these deliveries are superseded. */
  abstract forgetSuperseded(deliveryIds: readonly string[]): Promise<void>;
  /** Takes over the knowledge that something was deleted. */
  abstract rememberDeleted(deletions: readonly DirectoryDeleted[]): Promise<void>;
  /** Turns what was deleted, or superseded, before `before` (ms since the epoch) into tombstones. False: nothing was. */
  abstract forgetDeleted(before: number): Promise<boolean>;
}

export type DirectoryThing = Pick<DirectoryRecord, "kind" | "id">;

export interface DirectoryDeleted extends DirectoryThing {
  readonly version: number;
  readonly deleted_at: number;
}

/** The directory topic as it is on Kafka. */
export abstract class DirectoryTopic {
  /** Resolves when all that was in the topic at the time of the call has been read. */
  abstract open(over: AbortSignal): Promise<OpenDirectoryTopic>;
}

export interface OpenDirectoryTopic {
  readonly highestVersion: number;
  /** What the topic held when it was opened, by `kind/id`. Handed over once: a big directory is not kept twice. */
  takeRecords(): ReadonlyMap<string, DirectoryRecord>;
  /** Things of which an older state was written after a newer one, since the last call. */
  takeStale(): readonly DirectoryThing[];
  close(): Promise<void>;
}

export abstract class RecordPublisher {
  /**
   * Resolves when Kafka has acknowledged all the records, written in their order.
   * @throws WaggleError `kafka_unavailable` (the outcome is unknown) or `record_too_large` (nothing was written)
   */
  abstract publish(records: readonly WireRecord[]): Promise<void>;
}

/** Which process relays: one at a time. */
export abstract class RelayLeadership {
  /** Resolves once this process is the one. `onStandby` is called each time another one was found at it. */
  abstract take(stop: AbortSignal, onStandby: () => void): Promise<RelayTerm>;
}

export interface RelayTerm {
  /** Aborted when this process is no longer the one, or is told to stop. */
  readonly over: AbortSignal;
  /** Resolves when the outbox was filled, at the latest after `ms`; rejects when the term is over. */
  wake(ms: number): Promise<void>;
  end(): Promise<void>;
}

/** How many things the topic had otherwise than the database. */
export interface Reconciliation {
  readonly published: number;
  readonly renewed: number;
  readonly buried: number;
}

/** Learns how the relay fares, for probes and the log. */
export abstract class RelayMonitor {
  abstract standingBy(): void;
  /** This process relays now; what it found to differ and put right. */
  abstract leading(found: Reconciliation): void;
  abstract failed(error: unknown): void;
  /** Kafka did not take records; they wait. */
  abstract held(error: unknown): void;
}
