import { type DeliveryRecord, webhookTestQuerySchema, webhookTestSchema } from "@waggle/contracts";
import { deliveryId, type EventType, type Sha256Hex } from "@waggle/domain";
import { auditEntry } from "../manage/audit/audit-entry";
import { type Caller, notFound, requireManage, visibleTenant } from "../manage/caller";
import { isId } from "../manage/ids";
import { readInput } from "../manage/read-input";
import type { LoggedDeliveryDetail } from "../observe/logged-delivery";
import type { DeliveryReader } from "../observe/ports";
import type { EndedDeliveries } from "./ended-deliveries";
import type { CommandStore, HeldWebhook } from "./ports";
import { sampleFor } from "./sample";

export interface WebhookTestsParts {
  readonly store: CommandStore;
  readonly reader: DeliveryReader;
  readonly ended: Pick<EndedDeliveries, "wait">;
  readonly sha256: Sha256Hex;
  readonly newEventId: (now: number) => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Tries receivers with events that never happened. */
export class WebhookTests {
  constructor(private readonly parts: WebhookTestsParts) {}

  /**
   * Sends one sample to a webhook, disabled or not, whatever it subscribes to: one attempt, marked, counted nowhere.
   * @returns its delivery once it has ended, or as it is when the time to wait for that is over
   * @throws WaggleError as `visibleTenant`; `validation_failed`; `not_found`; `database_unavailable`
   */
  async send(
    caller: Caller,
    request: { readonly id: string; readonly query: unknown; readonly body: unknown },
  ): Promise<LoggedDeliveryDetail> {
    const { store, reader, ended, now } = this.parts;
    requireManage(caller);
    const { tenant_id: named, wait: waitMs } = readInput(webhookTestQuerySchema, request.query);
    const tenantId = visibleTenant(caller, named);
    const { type } = readInput(webhookTestSchema, request.body);
    const startedAt = now();
    const id = await store.change(async (commands) => {
      const webhook = isId("wh", request.id) ? await commands.holdWebhook(request.id) : null;
      if (!webhook || (tenantId !== null && webhook.tenant_id !== tenantId)) throw notFound("webhook");
      const record = this.sampleDelivery(webhook, type, startedAt);
      await commands.beginRounds([{ record, supersedes: false }]);
      const { id: resource_id, tenant_id } = webhook;
      const { delivery_id, event_type } = record;
      const deed = { at: startedAt, tenant_id, action: "webhook.tested", resource_id } as const;
      await commands.recordAudit(auditEntry(caller, { ...deed, after: { delivery_id, event_type } }));
      return delivery_id;
    });
    if (waitMs > 0) await ended.wait({ delivery_id: id, accepted_at: startedAt }, startedAt + waitMs);
    const delivery = await reader.one(id, null);
    if (!delivery) throw notFound("delivery");
    return delivery;
  }

  private sampleDelivery(webhook: HeldWebhook, type: EventType, now: number): DeliveryRecord {
    const { id: webhook_id, tenant_id, dialect, version } = webhook;
    const event_id = this.parts.newEventId(now);
    const sample = sampleFor(type, dialect, { id: event_id, tenant_id, now });
    return {
      delivery_id: deliveryId({ tenant_id, event_id, webhook_id }, this.parts.sha256),
      event_id,
      webhook_id,
      tenant_id,
      event_type: type,
      email_id: sample.email_id,
      recipient: sample.recipient,
      tags: sample.tags,
      dialect,
      accepted_at: now,
      publisher_id: false,
      test: true,
      round: 1,
      attempt: 1,
      park: 0,
      park_reason: null,
      park_position: null,
      due_at: now,
      first_due_at: now,
      min_webhook_version: version,
      inbound_hash: sample.inbound_hash,
      traceparent: null,
      body: sample.body,
    };
  }
}
