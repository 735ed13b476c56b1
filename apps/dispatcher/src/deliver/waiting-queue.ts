import type { Job } from "./job";

export interface WaitingJob {
  readonly job: Job;
  /** Its turn among its webhook's deliveries. */
  readonly position: number;
}

/** How much waits in the queues of all webhooks together. */
export class WaitingRoom {
  private count = 0;
  private bytes = 0;

  constructor(private readonly limits: { readonly records: number; readonly bytes: number }) {}

  /** The part that is taken, by count or by bytes: 1 is full. */
  get fill(): number {
    return Math.max(this.count / this.limits.records, this.bytes / this.limits.bytes);
  }

  get size(): number {
    return this.count;
  }

  enter(job: Job): void {
    this.count += 1;
    this.bytes += job.bytes;
  }

  leave(job: Job): void {
    this.count -= 1;
    this.bytes -= job.bytes;
  }
}

/** One webhook's deliveries that wait in memory, in the order of their positions. */
export class WaitingQueue {
  private items: WaitingJob[] = [];

  constructor(private readonly room: WaitingRoom) {}

  get length(): number {
    return this.items.length;
  }

  get first(): WaitingJob | undefined {
    return this.items[0];
  }

  get last(): WaitingJob | undefined {
    return this.items.at(-1);
  }

  /** Puts one in its place; one that is first already stays. */
  add(item: WaitingJob): void {
    if (this.first === item) return;
    let at = this.items.length;
    while (at > 0 && (this.items[at - 1]?.position ?? 0) > item.position) at -= 1;
    this.items.splice(at, 0, item);
    this.room.enter(item.job);
  }

  /** Takes out the first or the last one; any other, or one that is not in it, changes nothing. */
  remove(item: WaitingJob): void {
    if (this.first === item) this.items.shift();
    else if (this.last === item) this.items.pop();
    else return;
    this.room.leave(item.job);
  }

  /** Forgets what belongs to others now. */
  keepOwned(): void {
    const kept: WaitingJob[] = [];
    for (const item of this.items) {
      if (item.job.owned) kept.push(item);
      else this.room.leave(item.job);
    }
    this.items = kept;
  }
}
