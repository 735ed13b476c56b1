/**
 * Which parts of a process must work before it takes work. `/readyz` answers 200 when every named part is ready;
 * `/livez` fails once something is beyond repair, after which the process exits so that it is started anew.
 */
export class Readiness {
  private readonly missing = new Map<string, string>();
  private failure: string | null = null;

  constructor(private readonly onFailure: (reason: string) => void) {}

  /** Names a part that must be ready; until then `/readyz` says it is not. */
  require(part: string): ReadinessPart {
    this.missing.set(part, "starting");
    return {
      ready: () => void this.missing.delete(part),
      notReady: (reason) => void this.missing.set(part, reason),
    };
  }

  /** A fault that only a new process mends. */
  fail(reason: string): void {
    if (this.failure !== null) return;
    this.failure = reason;
    this.onFailure(reason);
  }

  get live(): boolean {
    return this.failure === null;
  }

  get ready(): boolean {
    return this.live && this.missing.size === 0;
  }

  /** Part → why it is not ready, for people who look at `/readyz`. */
  get report(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.missing);
  }
}

export interface ReadinessPart {
  ready(): void;
  notReady(reason: string): void;
}
