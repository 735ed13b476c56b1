import type { BeforeApplicationShutdown } from "@nestjs/common";
import type { RepeatedWork } from "./repeated-work";

/** Keeps forgetting kept answers from the app's start to its end. */
export class ForgettingRunner implements BeforeApplicationShutdown {
  constructor(private readonly work: RepeatedWork) {}

  /** The schema must be up to date. */
  start(): void {
    this.work.start();
  }

  /** Nest calls this before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.work.stop();
  }
}
