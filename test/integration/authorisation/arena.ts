import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "@waggle/postgres";
import { createTestDatabase } from "@waggle/testing";
import { FolderBlobs } from "../../../apps/health/src/out/mail/blobs.folder";
import { ReflectedClient } from "../grpc/reflected-client";
import { RunningHealth } from "../manage/running-health";
import { openLog } from "../observe/open-log";
import type { Door } from "./call";
import { openHttpDoor } from "./http-door";
import { type PopulatedTenant, populatedTenant } from "./populated-tenant";
import { openRpcDoor } from "./rpc-door";

/** Health over a database of its own, with both its doors, as far as they describe themselves. */
export interface Arena {
  readonly health: RunningHealth;
  readonly databaseUrl: string;
  readonly doors: readonly Door[];
  tenant(): Promise<PopulatedTenant>;
  stop(): Promise<void>;
}

const UNLIMITED = {
  RATE_LIMIT_PER_SECOND: "100000",
  RATE_LIMIT_BURST: "1000000",
  MAX_WEBHOOKS_PER_TENANT: "100000",
  MAX_API_KEYS_PER_TENANT: "100000",
};

export async function openArena(): Promise<Arena> {
  const test = await createTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), "arena-"));
  const health = await RunningHealth.withoutKafka(test.url, { ...UNLIMITED, BLOB_DIR: directory });
  const database = new Database({ url: test.url, logger: { info: () => {}, warn: () => {} } });
  const client = await ReflectedClient.connect(health.grpcAddress, null);
  const stop = async () => {
    client.close();
    await database.close();
    await health.stop();
    await test.drop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const doors = await openDoors(health, client);
    const stores = { log: openLog(database), blobs: new FolderBlobs(directory) };
    return { health, databaseUrl: test.url, doors, tenant: () => populatedTenant(health, stores), stop };
  } catch (error) {
    // What runs on would keep the test run from ending.
    await stop();
    throw error;
  }
}

async function openDoors(health: RunningHealth, client: ReflectedClient): Promise<readonly Door[]> {
  const http = await openHttpDoor(health.url);
  return [http, openRpcDoor(client, http.operations)];
}
