import type { BeforeApplicationShutdown } from "@nestjs/common";

/** Aborts when the app begins to stop, before its HTTP server waits for the requests under way. */
export class StopSignal implements BeforeApplicationShutdown {
  private readonly controller = new AbortController();

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  beforeApplicationShutdown(): void {
    this.controller.abort();
  }
}
