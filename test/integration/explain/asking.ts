import { randomUUID } from "node:crypto";
import type { DeliveryIdentity } from "@waggle/contracts";
import type { EmailEvent } from "@waggle/domain";
import { Database } from "@waggle/postgres";
import { anEmailEvent, createTestDatabase } from "@waggle/testing";
import { RunningHealth } from "../manage/running-health";
import { type OpenLog, openLog } from "../observe/open-log";
import { anIdentity } from "../observe/records";

/** Health over a database of its own, without Kafka, and its log to write into. */
export interface Asking {
  readonly health: RunningHealth;
  readonly log: OpenLog;
  stop(): Promise<void>;
}

export async function startAsking(): Promise<Asking> {
  const test = await createTestDatabase();
  const health = await RunningHealth.withoutKafka(test.url);
  const database = new Database({ url: test.url, logger: { info: () => {}, warn: () => {} } });
  return {
    health,
    log: openLog(database),
    async stop() {
      await database.close();
      await health.stop();
      await test.drop();
    },
  };
}

/** An event of a tenant that was accepted a second ago. */
export function anEventOf(tenantId: string, overrides: Parameters<typeof anEmailEvent>[0] = {}): EmailEvent {
  return anEmailEvent({
    id: `evt_${randomUUID()}`,
    tenant_id: tenantId,
    accepted_at: Date.now() - 1_000,
    ...overrides,
  });
}

/** What the router makes of an event for a webhook. */
export function identityOf(event: EmailEvent, webhookId: string): DeliveryIdentity {
  return anIdentity({
    event_id: event.id,
    webhook_id: webhookId,
    tenant_id: event.tenant_id,
    event_type: event.type,
    email_id: event.data.email_id,
    recipient: event.data.to,
    tags: event.data.tags,
    accepted_at: event.accepted_at,
  });
}
