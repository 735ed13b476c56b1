import type { LiveAttempt } from "./live-attempt";

/** What whoever watches learns, in the order in which it happened. */
export type Happening =
  | { readonly kind: "attempt"; readonly attempt: LiveAttempt }
  /** So many attempts were not kept, because what came before was not taken in time. */
  | { readonly kind: "dropped"; readonly count: number };

export type WatchEnd = "left" | "unauthorized" | "stopping";

/** What one watcher may leave lying; the text is what publishers chose the length of. */
const KEPT = { attempts: 1_000, characters: 1_048_576 } as const;

/** One watcher's attempts between their arrival and whenever they are taken: bounded, whatever the watcher does. */
export class Watch {
  private kept: LiveAttempt[] = [];
  private characters = 0;
  private dropped = 0;
  private wake: (() => void) | null = null;
  private readonly over = new AbortController();
  private reason: WatchEnd | null = null;

  /** `onEnd` is called once. */
  constructor(private readonly onEnd: () => void) {}

  /** Aborted when the watch has ended. */
  get signal(): AbortSignal {
    return this.over.signal;
  }

  /** Why it ended; null while it lasts. */
  get ended(): WatchEnd | null {
    return this.reason;
  }

  /** Keeps an attempt, or counts it as dropped when too much is kept already. */
  push(attempt: LiveAttempt): void {
    const length = textLength(attempt);
    const full = this.kept.length >= KEPT.attempts || this.characters + length > KEPT.characters;
    // Once something was dropped, nothing is kept until that was said: what follows it would seem to follow what is kept.
    if (this.dropped > 0 || full) {
      this.dropped += 1;
    } else {
      this.kept.push(attempt);
      this.characters += length;
    }
    this.wake?.();
  }

  end(reason: WatchEnd): void {
    if (this.reason !== null) return;
    this.reason = reason;
    this.over.abort();
    this.wake?.();
    this.onEnd();
  }

  /** What has happened since the last call; waits up to `ms` for something, and resolves to nothing when it ended. */
  async next(ms: number): Promise<readonly Happening[]> {
    if (this.kept.length + this.dropped === 0 && this.reason === null) await this.wait(ms);
    if (this.reason !== null) return [];
    const happened: Happening[] = this.kept.map((attempt) => ({ kind: "attempt", attempt }));
    if (this.dropped > 0) happened.push({ kind: "dropped", count: this.dropped });
    this.kept = [];
    this.characters = 0;
    this.dropped = 0;
    return happened;
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wake = done;
    });
  }
}

function textLength({ email_id, recipient, tags }: LiveAttempt): number {
  return tags.reduce((length, tag) => length + tag.length, email_id.length + recipient.length);
}
