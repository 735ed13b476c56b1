import type { BeforeApplicationShutdown } from "@nestjs/common";
import type { RepeatedWork } from "./repeated-work";

/** What a module does again and again, whoever asks or not, from the app's start to its end. */
export class BackgroundWork implements BeforeApplicationShutdown {
  constructor(private readonly works: readonly RepeatedWork[]) {}

  /** The schema must be up to date. */
  start(): void {
    for (const work of this.works) work.start();
  }

  /** Nest calls this before anything that the work needs is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.works.map((work) => work.stop()));
  }
}
