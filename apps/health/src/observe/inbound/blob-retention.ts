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

  /** @throws WaggleError `blob_store_unavailable`: the next time does the rest */
  async sweep(): Promise<void> {
    const { blobs, retentionDays, now, logger } = this.parts;
    const first = blobGroup(loggedDays(now(), retentionDays).first);
    const over = (await blobs.groups()).filter((group) => GROUP.test(group) && group < first);
    for (const group of over) await blobs.removeGroup(group);
    if (over.length > 0) logger.info({ days: over }, "inbound.days_removed");
  }
}
