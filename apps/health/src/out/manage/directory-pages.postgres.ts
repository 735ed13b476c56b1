import type { DirectoryRecord } from "@waggle/contracts";
import {
  ApiKeyEntity,
  type DirectoryDeletion,
  InboundAddressEntity,
  listDeletions,
  TenantEntity,
  WebhookEntity,
} from "@waggle/postgres";
import { type EntityManager, MoreThan } from "typeorm";
import { apiKeyEntry, inboundEntry, tenantEntry, thingOfKey, webhookEntry } from "../../manage/directory-entry";
import type { DirectoryDeleted } from "../../manage/ports";
import { inboundAddressOfRow } from "./inbound-addresses.postgres";
import { apiKeyOfRow, tenantOfRow, webhookOfRow } from "./management-rows";
import { secretsOfTenants, secretsOfWebhooks } from "./secrets.postgres";

export const PAGE_SIZE = 500;

/** Directory records of one table after the row `after`, and the last row's place; null: there are no more. */
export interface DirectoryPage {
  readonly records: readonly DirectoryRecord[];
  readonly last: string | null;
}

type ReadPage = (manager: EntityManager, after: string) => Promise<DirectoryPage>;

const tenantPage: ReadPage = async (manager, after) => {
  const rows = await manager.find(TenantEntity, afterId(after));
  const secrets = await secretsOfTenants(manager, rows);
  const records = rows.map((row): DirectoryRecord => {
    return { kind: "tenant", id: row.id, entry: tenantEntry(tenantOfRow(row, secrets), row.version) };
  });
  return { records, last: place(rows, rows.at(-1)?.id) };
};

const apiKeyPage: ReadPage = async (manager, after) => {
  const rows = await manager.find(ApiKeyEntity, afterId(after));
  const records = rows.map((row): DirectoryRecord => {
    return { kind: "api-key", id: row.key_hash, entry: apiKeyEntry(apiKeyOfRow(row), row.version) };
  });
  return { records, last: place(rows, rows.at(-1)?.id) };
};

const webhookPage: ReadPage = async (manager, after) => {
  const rows = await manager.find(WebhookEntity, afterId(after));
  const secrets = await secretsOfWebhooks(manager, rows);
  const records = rows.map((row): DirectoryRecord => {
    return { kind: "webhook", id: row.id, entry: webhookEntry(webhookOfRow(row, secrets, new Map()), row.version) };
  });
  return { records, last: place(rows, rows.at(-1)?.id) };
};

const inboundPage: ReadPage = async (manager, after) => {
  const rows = await manager.find(InboundAddressEntity, afterId(after));
  const records = rows.map((row): DirectoryRecord => {
    return { kind: "inbound", id: row.hash, entry: inboundEntry(inboundAddressOfRow(row), row.version) };
  });
  return { records, last: place(rows, rows.at(-1)?.id) };
};

const deletionPage: ReadPage = async (manager, after) => {
  const rows = await listDeletions(manager, { after, limit: PAGE_SIZE });
  const records = rows.map((row): DirectoryRecord => {
    const { version, deleted_at, kind, id } = deletedThing(row);
    return { kind, id, entry: { version, deleted: true, deleted_at } };
  });
  return { records, last: place(rows, rows.at(-1)?.key) };
};

/** Deletions last: what is deleted while the tables are read is found there. */
export const DIRECTORY_PAGES: readonly ReadPage[] = [tenantPage, apiKeyPage, webhookPage, inboundPage, deletionPage];

/** A remembered deletion with its key taken apart. */
export function deletedThing({ key, version, deleted_at }: DirectoryDeletion): DirectoryDeleted {
  return { ...thingOfKey(key), version, deleted_at };
}

function afterId(after: string) {
  return { where: { id: MoreThan(after) }, order: { id: "ASC" }, take: PAGE_SIZE } as const;
}

function place(rows: readonly unknown[], last: string | undefined): string | null {
  return rows.length < PAGE_SIZE ? null : (last ?? null);
}
