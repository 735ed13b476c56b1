import type { DirectoryRecord } from "@waggle/contracts";
import {
  type Database,
  forgetDeletions,
  forgetSuperseded,
  lockDeletions,
  lockSuperseded,
  raiseVersionsAbove,
  rememberDeletions,
  supersededAmong,
} from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { directoryKey, thingOfKey } from "../../manage/directory-entry";
import { type DirectoryDeleted, DirectorySource, type DirectoryThing } from "../../manage/ports";
import { DIRECTORY_PAGES, type DirectoryPage, deletedThing, PAGE_SIZE } from "./directory-pages.postgres";
import { announce, announceDeleted, announceSuperseded } from "./directory-records.postgres";
import { inStatements } from "./in-statements";
import { PostgresChanges } from "./management-changes.postgres";

export class PostgresDirectorySource extends DirectorySource {
  constructor(
    private readonly database: Database,
    private readonly now: () => number,
  ) {
    super();
  }

  raiseVersionsAbove(version: number): Promise<void> {
    return this.database.transaction((manager) => raiseVersionsAbove(manager, version));
  }

  async *records(): AsyncIterable<readonly DirectoryRecord[]> {
    for (const readPage of DIRECTORY_PAGES) {
      let after: string | null = "";
      while (after !== null) {
        const start: string = after;
        const page: DirectoryPage = await this.database.read((manager) => readPage(manager, start));
        yield page.records;
        after = page.last;
      }
    }
  }

  async renew(things: readonly DirectoryThing[]): Promise<void> {
    const idsOf = (kind: DirectoryThing["kind"]) => things.filter((thing) => thing.kind === kind).map(({ id }) => id);
    // One transaction a kind: no lock is waited for while locks of another kind are held.
    await this.change(async (changes) => changes.putTenants(await changes.lockTenants(idsOf("tenant"))));
    await this.change(async (changes) => changes.putApiKeys(await changes.lockApiKeys(idsOf("api-key"))));
    await this.change(async (changes) => {
      await changes.putInboundAddresses(await changes.lockInboundAddresses(idsOf("inbound")));
    });
    await this.change(async (changes) => {
      await changes.putWebhooks(await changes.lockWebhooks(idsOf("webhook")));
    });
    await this.database.transaction(async (manager) => {
      const deletions = await lockDeletions(manager, things.map(directoryKey));
      await announceDeleted(manager, deletions.map(deletedThing));
    });
    await this.database.transaction(async (manager) => {
      await announceSuperseded(manager, await lockSuperseded(manager, idsOf("delivery")));
    });
  }

  async bury(things: readonly DirectoryThing[]): Promise<void> {
    const deletedAt = this.now();
    for (const some of inStatements(things)) {
      const deleted = some.map(({ kind, id }) => ({ kind, id, deleted_at: deletedAt }));
      await this.database.transaction((manager) => announceDeleted(manager, deleted));
    }
  }

  async supersededAmong(deliveryIds: readonly string[]): Promise<ReadonlySet<string>> {
    const known = new Set<string>();
    for (const some of inStatements(deliveryIds)) {
      for (const id of await this.database.read((manager) => supersededAmong(manager, some))) known.add(id);
    }
    return known;
  }

  async forgetSuperseded(deliveryIds: readonly string[]): Promise<void> {
    for (const some of inStatements(deliveryIds)) {
      await this.database.transaction((manager) => announceForgotten(manager, some));
    }
  }

  async rememberDeleted(deletions: readonly DirectoryDeleted[]): Promise<void> {
    for (const some of inStatements(deletions)) {
      const rows = some.map(({ version, deleted_at, ...thing }) => ({ key: directoryKey(thing), version, deleted_at }));
      await this.database.transaction((manager) => rememberDeletions(manager, rows));
    }
  }

  forgetDeleted(before: number): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const keys = await forgetDeletions(manager, { before, limit: PAGE_SIZE });
      await announce(manager, keys, (key) => ({ ...thingOfKey(key), entry: null }));
      const deliveries = await forgetSuperseded(manager, { before, limit: PAGE_SIZE });
      await announceForgotten(manager, deliveries);
      return keys.length > 0 || deliveries.length > 0;
    });
  }

  private change(work: (changes: PostgresChanges) => Promise<void>): Promise<void> {
    return this.database.transaction((manager) => work(new PostgresChanges(manager)));
  }
}

async function announceForgotten(manager: EntityManager, deliveryIds: readonly string[]): Promise<void> {
  await announce(manager, deliveryIds, (id) => ({ kind: "delivery", id, entry: null }));
}
