import type { BeforeApplicationShutdown } from "@nestjs/common";
import type { RepeatedWork } from "./repeated-work";

/** Removes what has been kept of mail for long enough, from the app's start to its end. */
export class BlobRetentionRunner implements BeforeApplicationShutdown {
  constructor(private readonly work: RepeatedWork) {}

  start(): void {
    this.work.start();
  }

  /** Nest calls this before connections are closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.work.stop();
  }
}
