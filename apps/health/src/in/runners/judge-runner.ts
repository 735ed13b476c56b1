import type { BeforeApplicationShutdown } from "@nestjs/common";
import type { RepeatedWork } from "./repeated-work";

/** Keeps the sweep and the sending of alerts running from the app's start to its end. */
export class JudgeRunner implements BeforeApplicationShutdown {
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
