import type { BeforeApplicationShutdown } from "@nestjs/common";
import type { KeyUses } from "../../manage/api-keys/key-uses";
import { RepeatedWork, type RepeatedWorkOptions } from "./repeated-work";

/** Soon enough that who tries a new key sees that it is used. */
const STORE_EVERY_MS = 2_000;

/** Keeps storing when keys were used, from the app's start to its end. */
export class KeyUsesRunner implements BeforeApplicationShutdown {
  private readonly work: RepeatedWork;

  constructor(
    private readonly uses: Pick<KeyUses, "store" | "storeAll">,
    private readonly logger: RepeatedWorkOptions["logger"],
  ) {
    this.work = new RepeatedWork({
      work: () => uses.store(),
      everyMs: STORE_EVERY_MS,
      failed: "api_keys.uses_not_stored",
      logger,
    });
  }

  /** The schema must be up to date. */
  start(): void {
    this.work.start();
  }

  /** Nest calls this before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.work.stop();
    // Without a database the uses of the last minute are lost, which is no reason not to stop.
    await this.uses.storeAll().catch((err: unknown) => this.logger.warn({ err }, "api_keys.uses_lost"));
  }
}
