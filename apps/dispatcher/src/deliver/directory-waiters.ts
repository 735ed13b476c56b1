import type { Job } from "./job";

/** Milliseconds a delivery waits for the directory to reach the version it assumes. Source: architecture "manage". */
const LONGEST_MS = 60_000;

/** Deliveries that are ahead of the directory: they assume a webhook version that has not arrived yet. */
export class DirectoryWaiters {
  /** By webhook: since when each of its deliveries waits. */
  private readonly webhooks = new Map<string, Map<Job, number>>();

  /** Remembers a delivery from its first wait on. */
  add(job: Job, now: number): void {
    const { webhook_id } = job.delivery;
    const jobs = this.webhooks.get(webhook_id) ?? new Map<Job, number>();
    if (!jobs.has(job)) jobs.set(job, now);
    this.webhooks.set(webhook_id, jobs);
  }

  has(job: Job): boolean {
    return this.webhooks.get(job.delivery.webhook_id)?.has(job) ?? false;
  }

  /** Whether it has waited as long as it may, so that it is judged by what the directory has. */
  waitedEnough(job: Job, now: number): boolean {
    const since = this.webhooks.get(job.delivery.webhook_id)?.get(job);
    return since !== undefined && now - since >= LONGEST_MS;
  }

  forget(job: Job): void {
    const { webhook_id } = job.delivery;
    const jobs = this.webhooks.get(webhook_id);
    if (jobs?.delete(job) && jobs.size === 0) this.webhooks.delete(webhook_id);
  }

  /** The deliveries that wait for one webhook. */
  of(webhookId: string): Job[] {
    return [...(this.webhooks.get(webhookId)?.keys() ?? [])];
  }

  /** The deliveries that have waited as long as they may. */
  due(now: number): Job[] {
    return this.all().filter((job) => this.waitedEnough(job, now));
  }

  /** Forgets what belongs to others now. */
  keepOwned(): void {
    for (const job of this.all()) if (!job.owned) this.forget(job);
  }

  private all(): Job[] {
    return [...this.webhooks.values()].flatMap((jobs) => [...jobs.keys()]);
  }
}
