import { WebhookLoad } from "./webhook-load";

/** Milliseconds without work after which what is known of a webhook's receiver is forgotten. */
const FORGET_AFTER_MS = 900_000;

/** The loads of all webhooks this process has worked for lately. */
export class WebhookLoads {
  private readonly loads = new Map<string, { readonly load: WebhookLoad; usedAt: number }>();
  private created = 0;

  constructor(private readonly options: { readonly processId: string; readonly timeScale: number }) {}

  of(webhookId: string, partition: number, now: number): WebhookLoad {
    const known = this.loads.get(webhookId);
    if (known) {
      known.usedAt = now;
      return known.load;
    }
    this.created += 1;
    const epoch = `${this.options.processId}-${this.created}`;
    const load = new WebhookLoad(webhookId, partition, { epoch, timeScale: this.options.timeScale });
    this.loads.set(webhookId, { load, usedAt: now });
    return load;
  }

  find(webhookId: string): WebhookLoad | null {
    return this.loads.get(webhookId)?.load ?? null;
  }

  *[Symbol.iterator](): Generator<WebhookLoad> {
    for (const { load } of this.loads.values()) yield load;
  }

  /** Takes out the loads of partitions that others own now, and returns them. */
  dropPartitions(partitions: ReadonlySet<number>): WebhookLoad[] {
    const dropped: WebhookLoad[] = [];
    for (const [id, { load }] of this.loads) {
      if (!partitions.has(load.partition)) continue;
      dropped.push(load);
      this.loads.delete(id);
    }
    return dropped;
  }

  forgetIdle(now: number): void {
    for (const [id, { load, usedAt }] of this.loads) {
      if (now - usedAt > FORGET_AFTER_MS && load.isIdle && load.backlog.length === 0) this.loads.delete(id);
    }
  }
}
