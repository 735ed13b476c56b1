import type { Relay } from "../../manage/relay/relay";

/** Keeps the relay running from the app's start to its end. */
export class RelayRunner {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly relay: Relay) {}

  /** The schema must be up to date. */
  start(): void {
    this.running = this.relay.run(this.stopping.signal);
  }

  /** Resolves when what was under way is done and another process may take over. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }
}
