import { type DirectoryRecord, encodeDirectoryRecord } from "@waggle/contracts";
import { appendToOutbox, nextVersions, rememberDeletions, type SupersededRounds } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { directoryKey } from "../../manage/directory-entry";
import type { DirectoryThing } from "../../manage/ports";

type NewState<Item> = (item: Item, version: number) => DirectoryRecord;

/**
 * Gives each item the next version and puts its directory record into the outbox. Returns the items with their
 * versions. The rows they stand for must be new or locked, or versions would not rise with the commits.
 */
export async function announce<Item>(
  manager: EntityManager,
  items: readonly Item[],
  toRecord: NewState<Item>,
): Promise<{ readonly item: Item; readonly version: number }[]> {
  if (items.length === 0) return [];
  const versions = await nextVersions(manager, items.length);
  const versioned = versions.flatMap((version, index) => {
    const item = items[index];
    return item === undefined ? [] : [{ item, version }];
  });
  await appendToOutbox(
    manager,
    versioned.map(({ item, version }) => ({ ...encodeDirectoryRecord(toRecord(item, version)), version })),
  );
  return versioned;
}

/** Announces that things are gone, and remembers it until their last trace may go from the topic. */
export async function announceDeleted(
  manager: EntityManager,
  things: readonly (DirectoryThing & { readonly deleted_at: number })[],
): Promise<void> {
  const announced = await announce(manager, things, ({ kind, id, deleted_at }, version) => ({
    kind,
    id,
    entry: { version, deleted: true, deleted_at },
  }));
  await rememberDeletions(
    manager,
    announced.map(({ item, version }) => ({ key: directoryKey(item), version, deleted_at: item.deleted_at })),
  );
}

/** Announces which rounds of deliveries are superseded. */
export async function announceSuperseded(manager: EntityManager, rounds: readonly SupersededRounds[]): Promise<void> {
  await announce(manager, rounds, ({ delivery_id: id, min_round }, version) => ({
    kind: "delivery",
    id,
    entry: { version, deleted: false, id, min_round },
  }));
}
