import type { WaitingRoom } from "./waiting-queue";
import { WebhookLoad } from "./webhook-load";

/** Milliseconds without work after which what is known of a webhook's receiver is forgotten. */
const FORGET_AFTER_MS = 900_000;

export interface LoadOptions {
  /** Names this process in the positions of parked deliveries. */
  readonly processId: string;
  readonly timeScale: number;
  readonly room: WaitingRoom;
}

/** The loads of all webhooks this process has worked for lately. */
export class WebhookLoads {
  private readonly loads = new Map<string, { readonly load: WebhookLoad; usedAt: number }>();
  private created = 0;

  constructor(private readonly options: LoadOptions) {}

  get size(): number {
    return this.loads.size;
  }

  of(webhookId: string, partition: number, now: number): WebhookLoad {
    const known = this.loads.get(webhookId);
    if (known) {
      known.usedAt = now;
      return known.load;
    }
    this.created += 1;
    const { processId, timeScale, room } = this.options;
    const load = new WebhookLoad(webhookId, partition, { epoch: `${processId}-${this.created}`, timeScale, room });
    this.loads.set(webhookId, { load, usedAt: now });
    return load;
  }

  find(webhookId: string): WebhookLoad | null {
    return this.loads.get(webhookId)?.load ?? null;
  }

  *[Symbol.iterator](): Generator<WebhookLoad> {
    for (const { load } of this.loads.values()) yield load;
  }

  inPartitions(partitions: ReadonlySet<number>): WebhookLoad[] {
    return [...this].filter(({ partition }) => partitions.has(partition));
  }

  forget(load: WebhookLoad): void {
    this.loads.delete(load.webhookId);
  }

  /**
   * Forgets what has had no work for long, unless parked deliveries hold places in its queue.
   * @param isNeeded says what else is to be kept
   */
  forgetIdle(now: number, isNeeded: (load: WebhookLoad) => boolean): void {
    for (const { load, usedAt } of [...this.loads.values()]) {
      const isIdle = now - usedAt > FORGET_AFTER_MS && load.isIdle && load.backlog.length === 0;
      if (isIdle && !isNeeded(load)) this.forget(load);
    }
  }
}
