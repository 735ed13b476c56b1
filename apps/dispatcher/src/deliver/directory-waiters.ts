import type { Job } from "./job";

/** Milliseconds a delivery waits for the directory to reach the version it assumes. Source: architecture "manage". */
const LONGEST_MS = 60_000;

/** Deliveries that are ahead of the directory: they assume a webhook version that has not arrived yet. */
export class DirectoryWaiters {
  private readonly since = new Map<Job, number>();

  get size(): number {
    return this.since.size;
  }

  /** Remembers a delivery from its first wait on. */
  add(job: Job, now: number): void {
    if (!this.since.has(job)) this.since.set(job, now);
  }

  /** Whether it has waited as long as it may, so that it is judged by what the directory has. */
  waitedEnough(job: Job, now: number): boolean {
    const since = this.since.get(job);
    return since !== undefined && now - since >= LONGEST_MS;
  }

  forget(job: Job): void {
    this.since.delete(job);
  }

  /** The jobs to look at again: those of a webhook that changed, or all when none is named. */
  of(webhookId: string | null): Job[] {
    return [...this.since.keys()].filter((job) => webhookId === null || job.delivery.webhook_id === webhookId);
  }
}
