import { type AttemptRecord, liveQuerySchema } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { type Caller, notFound, requireManage, visibleTenant } from "../manage/caller";
import { readInput } from "../manage/read-input";
import { liveAttempt } from "./live-attempt";
import type { AttemptFeed, FollowedAttempts, WebhookOwners } from "./ports";
import { Watch } from "./watch";

export interface LiveAttemptsParts {
  readonly feed: AttemptFeed;
  readonly owners: WebhookOwners;
  /** Milliseconds the feed goes on when nobody watches any more: people reload their pages. */
  readonly lingerMs: number;
  /** Milliseconds a watcher waits for the feed to be ready. */
  readonly readyLimitMs: number;
}

/** Null: of any. */
interface Scope {
  readonly tenant_id: string | null;
  readonly webhook_id: string | null;
}

/** One process serves people, not machines: who wants every attempt reads the delivery log. */
const WATCHES = { ofAll: 200, ofTenant: 20 } as const;

/** Attempts as they happen, for whoever may see them. The feed is followed only while somebody watches. */
export class LiveAttempts {
  private readonly watches = new Map<Watch, Scope>();
  private following: FollowedAttempts | null = null;
  private lingering: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(private readonly parts: LiveAttemptsParts) {}

  /**
   * A watch that misses nothing from now on. Whoever asked must end it.
   * @throws WaggleError as `visibleTenant`; `validation_failed`; `not_found`; `rate_limited` when too many watch;
   *   `kafka_unavailable`; `database_unavailable`
   */
  async watch(caller: Caller, query: unknown): Promise<Watch> {
    requireManage(caller);
    const { tenant_id: named, webhook_id } = readInput(liveQuerySchema, query);
    const tenantId = visibleTenant(caller, named);
    if (webhook_id !== null) {
      const owner = await this.parts.owners.tenantOf(webhook_id);
      if (owner === null || (tenantId !== null && owner !== tenantId)) throw notFound("webhook");
    }
    if (this.stopped) throw new WaggleError("not_ready", "health is stopping");
    this.requireRoom(tenantId);
    const watch = new Watch(() => this.left(watch));
    this.watches.set(watch, { tenant_id: tenantId, webhook_id });
    try {
      await this.ready();
    } catch (error) {
      watch.end("left");
      throw error;
    }
    return watch;
  }

  /** Ends every watch. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const watch of [...this.watches.keys()]) watch.end("stopping");
    await this.unfollow();
  }

  /** One tenant cannot take the places of all. */
  private requireRoom(tenantId: string | null): void {
    const ofTenant = [...this.watches.values()].filter(({ tenant_id }) => tenant_id !== null && tenant_id === tenantId);
    if (this.watches.size < WATCHES.ofAll && ofTenant.length < WATCHES.ofTenant) return;
    const most = ofTenant.length < WATCHES.ofTenant ? WATCHES.ofAll : WATCHES.ofTenant;
    throw new WaggleError("rate_limited", `${most} already watch at this process`);
  }

  private async ready(): Promise<void> {
    if (this.lingering) clearTimeout(this.lingering);
    this.following ??= this.follow();
    const { ready } = this.following;
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const unavailable = new WaggleError("kafka_unavailable", "attempts cannot be followed, try again shortly");
      limit = setTimeout(() => reject(unavailable), this.parts.readyLimitMs);
    });
    await Promise.race([ready, late]).finally(() => clearTimeout(limit));
  }

  private follow(): FollowedAttempts {
    const following = this.parts.feed.follow((webhookId, read) => this.take(webhookId, read));
    // The next watcher tries anew.
    following.ready.catch(() => {
      if (this.following === following) this.following = null;
    });
    return following;
  }

  /** Most attempts are nobody's who watches: only those are read that somebody may want. */
  private take(webhookId: string, read: () => AttemptRecord | null): void {
    const wanting = [...this.watches].filter(([, { webhook_id }]) => webhook_id === null || webhook_id === webhookId);
    const record = wanting.length > 0 ? read() : null;
    if (!record) return;
    const attempt = liveAttempt(record);
    for (const [watch, { tenant_id }] of wanting) {
      if (tenant_id === null || tenant_id === attempt.tenant_id) watch.push(attempt);
    }
  }

  private left(watch: Watch): void {
    this.watches.delete(watch);
    if (this.watches.size > 0 || this.stopped) return;
    if (this.lingering) clearTimeout(this.lingering);
    this.lingering = setTimeout(() => void this.unfollow(), this.parts.lingerMs);
    this.lingering.unref();
  }

  private async unfollow(): Promise<void> {
    if (this.lingering) clearTimeout(this.lingering);
    const { following } = this;
    this.following = null;
    await following?.stop();
  }
}
