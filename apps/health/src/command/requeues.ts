import { emptyBodySchema, tenantQuerySchema } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { auditEntry } from "../manage/audit/audit-entry";
import { type Caller, notFound, requireManage, visibleTenant } from "../manage/caller";
import type { Once } from "../manage/idempotency/once";
import { readInput } from "../manage/read-input";
import type { LoggedDelivery } from "../observe/logged-delivery";
import type { DeliveryReader } from "../observe/ports";
import { storableText } from "../observe/storable-text";
import { nextRound } from "./next-round";
import type { CommandStore, CommandTransaction, HeldWebhook } from "./ports";

export interface RequeuesParts {
  readonly store: CommandStore;
  readonly reader: DeliveryReader;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or at once when the process is stopping. */
  readonly pause: (ms: number) => Promise<void>;
  readonly isStopping: () => boolean;
}

/** An attempt is in the log seconds before the body that it sent: both are there this long after the event came. */
const BODY_LOGGED_MS = 8_000;
const LOOK_EVERY_MS = 200;

/** Sends deliveries again because somebody wants it. */
export class Requeues {
  constructor(private readonly parts: RequeuesParts) {}

  /**
   * Begins a new round of a delivery, whatever its status; an older round that is pending goes no further.
   * @returns the delivery as it is then
   * @throws WaggleError as `visibleTenant`; `validation_failed`; `not_found`; `webhook_disabled`; `conflict` when the
   *   webhook was deleted or the body is not known; `database_unavailable`
   */
  async requeue(
    caller: Caller,
    request: {
      readonly id: string;
      readonly query: unknown;
      readonly body: unknown;
      readonly once?: Once<LoggedDelivery> | undefined;
    },
  ): Promise<LoggedDelivery> {
    const { reader, now, pause, isStopping } = this.parts;
    requireManage(caller);
    const tenantId = visibleTenant(caller, readInput(tenantQuerySchema, request.query).tenant_id);
    readInput(emptyBodySchema, request.body);
    const found = await reader.one(storableText(request.id), tenantId);
    if (!found) throw notFound("delivery");
    for (;;) {
      const requeued = await this.beginRound(caller, found, request.once);
      if (requeued) return requeued;
      if (isStopping() || now() > found.accepted_at + BODY_LOGGED_MS) {
        throw new WaggleError("conflict", "the body of the delivery is not known");
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Null: its body is not known (yet). */
  private beginRound(
    caller: Caller,
    found: LoggedDelivery,
    once: Once<LoggedDelivery> | undefined,
  ): Promise<LoggedDelivery | null> {
    const { store, now } = this.parts;
    return store.change(async (commands) => {
      const webhook = await holdEnabled(commands, found);
      const delivery = await commands.lockDelivery(found.delivery_id);
      if (!delivery) throw notFound("delivery");
      const { body, ...logged } = delivery;
      if (body === null) return null;
      const at = now();
      const begun = nextRound({ ...logged, body }, { webhookVersion: webhook.version, now: at });
      await commands.beginRounds([begun]);
      const { round, due_at } = begun.record;
      const { delivery_id: resource_id, tenant_id, webhook_id, status, reason } = logged;
      await commands.recordAudit(
        auditEntry(caller, {
          at,
          tenant_id,
          action: "delivery.requeued",
          resource_id,
          before: { round: logged.round, status, reason },
          after: { round, status: "pending", reason: null, webhook_id },
        }),
      );
      return { ...logged, round, status: "pending", reason: null, next_attempt_at: due_at };
    }, once);
  }
}

async function holdEnabled(
  commands: CommandTransaction,
  { webhook_id, tenant_id }: Pick<LoggedDelivery, "webhook_id" | "tenant_id">,
): Promise<HeldWebhook> {
  const webhook = await commands.holdWebhook(webhook_id);
  if (webhook?.tenant_id !== tenant_id) throw new WaggleError("conflict", "the webhook of the delivery was deleted");
  if (webhook.status === "disabled") throw new WaggleError("webhook_disabled", "enable the webhook first");
  return webhook;
}
