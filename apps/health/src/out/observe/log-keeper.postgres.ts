import type { OnApplicationShutdown } from "@nestjs/common";
import type { Database } from "@waggle/postgres";
import type { LogDays } from "../../observe/log-days";

/** Keeps the log's days and the writers' connections from the app's start to its end. */
export class LogKeeper implements OnApplicationShutdown {
  constructor(
    private readonly days: LogDays,
    private readonly writers: Database,
  ) {}

  /** Resolves when the days were looked after once, whether that went well or not. The schema must be up to date. */
  start(): Promise<void> {
    return this.days.start();
  }

  /** Nest calls this once the consumers have left their groups. */
  async onApplicationShutdown(): Promise<void> {
    this.days.stop();
    await this.writers.close();
  }
}
