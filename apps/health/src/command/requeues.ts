import { WaggleError } from "@waggle/domain";
import { type Caller, notFound, requireManage, visibleTenant } from "../manage/caller";
import { emptyBodySchema, readInput, tenantQuerySchema } from "../manage/read-input";
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
}

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
    request: { readonly id: string; readonly query: unknown; readonly body: unknown },
  ): Promise<LoggedDelivery> {
    const { store, reader, now } = this.parts;
    requireManage(caller);
    const tenantId = visibleTenant(caller, readInput(tenantQuerySchema, request.query).tenant_id);
    readInput(emptyBodySchema, request.body);
    const found = await reader.one(storableText(request.id), tenantId);
    if (!found) throw notFound("delivery");
    return store.change(async (commands) => {
      const webhook = await holdEnabled(commands, found);
      const delivery = await commands.lockDelivery(found.delivery_id);
      if (!delivery) throw notFound("delivery");
      const { body, ...logged } = delivery;
      if (body === null) throw new WaggleError("conflict", "the body of the delivery is not known (yet)");
      const round = nextRound({ ...logged, body }, { webhookVersion: webhook.version, now: now() });
      await commands.beginRounds([round]);
      const { round: number, due_at } = round.record;
      return { ...logged, round: number, status: "pending", reason: null, next_attempt_at: due_at };
    });
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
