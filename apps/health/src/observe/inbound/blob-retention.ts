import { loggedDays } from "../log-days";
import { blobGroup } from "./blob-key";
import type { Blobs } from "./ports";

export interface BlobRetentionParts {
  readonly blobs: Pick<Blobs, "groups" | "removeGroup">;
  readonly retentionDays: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: { info(fields: object, event: string): void };
}

const GROUP = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Removes blobs with their days: those of the rows that the log drops, and with them what never got a row because a
 * process died between the two.
 */
export class BlobRetention {
  constructor(private readonly parts: BlobRetentionParts) {}

  /**
   * One day that cannot be removed holds up no other.
   * @throws the first error there was, such as `blob_store_unavailable`: the next time does the rest
   */
  async sweep(): Promise<void> {
    const { blobs, retentionDays, now, logger } = this.parts;
    const first = blobGroup(loggedDays(now(), retentionDays).first);
    const over = (await blobs.groups()).filter((group) => GROUP.test(group) && group < first);
    const days: string[] = [];
    const errors: unknown[] = [];
    for (const group of over) {
      await blobs.removeGroup(group).then(
        () => days.push(group),
        (error: unknown) => errors.push(error),
      );
    }
    if (days.length > 0) logger.info({ days }, "inbound.days_removed");
    if (errors.length > 0) throw errors[0];
  }
}
