import {
  type ApiKeyEntry,
  type DirectoryRecord,
  decodeDirectoryRecord,
  type InboundEntry,
  type TenantEntry,
  WEBHOOK_DIRECTORY,
  type WebhookEntry,
} from "@waggle/contracts";
import type { EachBatchPayload, Kafka, KafkaMessage } from "kafkajs";
import type { KafkaLogger } from "./connection";
import { SoleReader } from "./sole-reader";

export interface DirectoryTableOptions {
  readonly kafka: Kafka;
  /** Which app reads: part of the name of its consumer group. */
  readonly reader: string;
  readonly logger: KafkaLogger;
  readonly onFatal: (reason: string) => void;
}

type Kept = Exclude<DirectoryRecord["entry"], null>;

/**
 * The compacted directory topic as a table in memory: what the data plane knows of webhooks, tenants, keys and inbound
 * addresses, without asking a database. Every process reads the whole topic, under a group id of its own.
 */
export class DirectoryTable {
  private readonly reader: SoleReader;
  private readonly entries = new Map<string, Kept>();
  private readonly byTenant = new Map<string, Map<string, WebhookEntry>>();
  private readonly webhookLists = new Map<string, readonly WebhookEntry[]>();
  private readonly listeners = new Set<(record: DirectoryRecord) => void>();
  private readonly staleListeners = new Set<(key: string) => void>();
  private completed: (() => void) | null = null;
  private completeFrom = Number.POSITIVE_INFINITY;
  /** Versions of what was deleted long ago: reading the topic again must not bring it back for a moment. */
  private readonly tombstones = new Map<string, number>();
  private highest = 0;
  private nextOffset = 0;

  constructor(private readonly options: DirectoryTableOptions) {
    this.reader = new SoleReader({
      kafka: options.kafka,
      topic: WEBHOOK_DIRECTORY,
      groupPrefix: `waggle-directory-${options.reader}`,
      event: "directory",
      maxWaitMs: 1_000,
      fromBeginning: true,
      logger: options.logger,
      onBatch: (payload) => this.read(payload),
      onFatal: options.onFatal,
    });
  }

  /** Resolves when everything that was in the topic at the time of the call has been read. */
  async start(): Promise<void> {
    const offsets = (await this.reader.offsets())?.[0];
    // Compaction never removes the last record, so reading it means having read all before it.
    const isEmpty = Number(offsets?.high ?? 0) <= Number(offsets?.low ?? 0);
    this.completeFrom = Number(offsets?.high ?? 0) - 1;
    const complete = isEmpty ? Promise.resolve() : new Promise<void>((resolve) => (this.completed = resolve));
    await this.reader.start();
    if (!this.reader.isStopped) await complete;
  }

  async stop(): Promise<void> {
    const stopped = this.reader.stop();
    this.completed?.();
    await stopped;
  }

  webhook(id: string): WebhookEntry | undefined {
    return this.live<WebhookEntry>(`webhook/${id}`);
  }

  /** Whether the webhook is known to have been deleted; false also when nothing was ever heard of it. */
  isDeletedWebhook(id: string): boolean {
    return this.entries.get(`webhook/${id}`)?.deleted === true;
  }

  webhooksOfTenant(tenantId: string): readonly WebhookEntry[] {
    const known = this.webhookLists.get(tenantId);
    if (known) return known;
    const list = [...(this.byTenant.get(tenantId)?.values() ?? [])];
    this.webhookLists.set(tenantId, list);
    return list;
  }

  tenant(id: string): TenantEntry | undefined {
    return this.live<TenantEntry>(`tenant/${id}`);
  }

  apiKey(hash: string): ApiKeyEntry | undefined {
    return this.live<ApiKeyEntry>(`api-key/${hash}`);
  }

  inbound(hash: string): InboundEntry | undefined {
    return this.live<InboundEntry>(`inbound/${hash}`);
  }

  /** Rounds below this are superseded by a re-queue; 0 when there was none. */
  minRound(deliveryId: string): number {
    const entry = this.entries.get(`delivery/${deliveryId}`);
    return entry && "min_round" in entry ? entry.min_round : 0;
  }

  /** The offset up to which the topic has been read. */
  get position(): number {
    return this.nextOffset;
  }

  /** The highest version read so far. */
  get highestVersion(): number {
    return this.highest;
  }

  /** Every current entry, deletions included, as `kind/id` → version. */
  versions(): ReadonlyMap<string, number> {
    return new Map([...this.entries].map(([key, { version }]) => [key, version]));
  }

  /** Deletions still in the topic, as `kind/id` → when (milliseconds since the epoch). */
  deletions(): ReadonlyMap<string, number> {
    const deleted = new Map<string, number>();
    for (const [key, entry] of this.entries) if (entry.deleted) deleted.set(key, entry.deleted_at);
    return deleted;
  }

  /** Calls back after every change of an entry. Returns how to stop. */
  onChange(listener: (record: DirectoryRecord) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Calls back with the `kind/id` of an entry that was followed in the topic by an older version of itself (a relayer
   * that had lost its place wrote late). Compaction will keep the older one, so the newer must be published again.
   */
  onStale(listener: (key: string) => void): () => void {
    this.staleListeners.add(listener);
    return () => this.staleListeners.delete(listener);
  }

  private live<Entry extends Kept>(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    // The key's kind decided the entry's shape when it was decoded.
    return entry === undefined || entry.deleted ? undefined : (entry as Entry);
  }

  private read({ batch, resolveOffset }: EachBatchPayload): void {
    for (const message of batch.messages) {
      const record = this.decoded(message);
      // A consumer that had to join its group anew reads from the beginning: what it has seen is no news then.
      if (record) this.apply(record, Number(message.offset) >= this.nextOffset);
    }
    resolveOffset(batch.lastOffset());
    this.nextOffset = Math.max(this.nextOffset, Number(batch.lastOffset()) + 1);
    if (Number(batch.lastOffset()) >= this.completeFrom) this.completed?.();
  }

  private decoded(message: KafkaMessage): DirectoryRecord | null {
    try {
      return decodeDirectoryRecord(message);
    } catch (error) {
      this.options.logger.error({ err: error, offset: message.offset }, "directory.record_unreadable");
      return null;
    }
  }

  private apply(record: DirectoryRecord, isNew: boolean): void {
    const key = `${record.kind}/${record.id}`;
    const known = this.entries.get(key);
    if (record.entry === null) {
      if (!known) return;
      this.entries.delete(key);
      this.tombstones.set(key, known.version);
    } else {
      const knownVersion = known?.version ?? this.tombstones.get(key) ?? -1;
      if (record.entry.version < knownVersion && isNew) this.tell(this.staleListeners, key);
      if (record.entry.version <= knownVersion) return;
      this.entries.set(key, record.entry);
      this.tombstones.delete(key);
      this.highest = Math.max(this.highest, record.entry.version);
    }
    if (record.kind === "webhook") this.indexWebhook(record.id, known, record.entry);
    this.tell(this.listeners, record);
  }

  /** A listener that fails must not keep the directory from being read on. */
  private tell<News>(listeners: ReadonlySet<(news: News) => void>, news: News): void {
    for (const listener of listeners) {
      try {
        listener(news);
      } catch (error) {
        this.options.logger.error({ err: error }, "directory.listener_failed");
      }
    }
  }

  private indexWebhook(id: string, before: Kept | undefined, after: Kept | null): void {
    const tenantId = tenantOf(after) ?? tenantOf(before);
    if (tenantId === null) return;
    const webhooks = this.byTenant.get(tenantId) ?? new Map<string, WebhookEntry>();
    this.byTenant.set(tenantId, webhooks);
    if (after && "url" in after) webhooks.set(id, after);
    else webhooks.delete(id);
    this.webhookLists.delete(tenantId);
  }
}

function tenantOf(entry: Kept | null | undefined): string | null {
  return entry && "url" in entry ? entry.tenant_id : null;
}
