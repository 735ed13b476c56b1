import { emptyBodySchema, recoveryStartSchema, tenantQuerySchema } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { type Caller, notFound, requireManage, visibleTenant } from "../../manage/caller";
import type { Once } from "../../manage/idempotency/once";
import { isId } from "../../manage/ids";
import { readInput } from "../../manage/read-input";
import type { RecoveryStore } from "./ports";
import { cancelled, decidedFrom, type Recovery, type RecoverySelection } from "./recovery";
import { recoveryCancelled, recoveryStarted } from "./recovery-audit";

export interface RecoveriesParts {
  readonly store: RecoveryStore;
  readonly newId: (now: number) => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** `query` and `body` are what was sent with the request. */
export interface RecoveryRequest {
  readonly id: string;
  readonly query: unknown;
}

/** What a recovery was, or would be, begun with. */
export interface RecoveryStart {
  readonly selection: RecoverySelection;
  readonly matched: number;
  /** Null: it was only asked what would be. */
  readonly recovery: Recovery | null;
}

/** Counting is no reason to keep anybody waiting: more than these are "at least so many". */
const MOST_COUNTED = 1_000_000;

/** Sends again what a webhook missed, as jobs that people begin, watch and cancel. */
export class Recoveries {
  constructor(private readonly parts: RecoveriesParts) {}

  /**
   * Begins a recovery of a webhook's deliveries, or counts what it would find.
   * @throws WaggleError as `visibleTenant`; `validation_failed`; `not_found`; `webhook_disabled`; `database_unavailable`
   */
  async start(
    caller: Caller,
    request: RecoveryRequest & { readonly body: unknown; readonly once?: Once<RecoveryStart> | undefined },
  ): Promise<RecoveryStart> {
    const { store, newId, now } = this.parts;
    const tenantId = allowedTenant(caller, request);
    const { since, until, statuses, dryRun } = readInput(recoveryStartSchema, request.body);
    return store.change(async (commands): Promise<RecoveryStart> => {
      const webhook = isId("wh", request.id) ? await commands.holdWebhook(request.id) : null;
      if (!webhook || (tenantId !== null && webhook.tenant_id !== tenantId)) throw notFound("webhook");
      if (webhook.status === "disabled") throw new WaggleError("webhook_disabled", "enable the webhook first");
      const at = now();
      const { id: webhook_id, tenant_id } = webhook;
      // What is accepted later is sent anyway: by then everybody knows that the webhook is enabled.
      const decided = decidedFrom(at);
      requireBefore(since, decided);
      const selection = { tenant_id, webhook_id, since, until: Math.min(until ?? decided, decided), statuses };
      const matched = await commands.countSelected(selection, MOST_COUNTED);
      if (dryRun) return { selection, matched, recovery: null };
      const recovery: Recovery = {
        ...selection,
        id: newId(at),
        status: "running",
        reason: null,
        matched,
        requeued: 0,
        unrecoverable: 0,
        created_at: at,
        finished_at: null,
      };
      await commands.createRecovery(recovery);
      await commands.recordAudit(recoveryStarted(caller, recovery));
      return { selection, matched, recovery };
    }, request.once);
  }

  /** @throws WaggleError as `visibleTenant`; `validation_failed`; `not_found`; `database_unavailable` */
  async get(caller: Caller, request: RecoveryRequest): Promise<Recovery> {
    const tenantId = allowedTenant(caller, request);
    return visible(isId("rcv", request.id) ? await this.parts.store.recovery(request.id) : null, tenantId);
  }

  /**
   * Ends a recovery where it stands; one that has ended stays as it is.
   * @throws WaggleError as `get`
   */
  async cancel(caller: Caller, request: RecoveryRequest & { readonly body: unknown }): Promise<void> {
    const tenantId = allowedTenant(caller, request);
    readInput(emptyBodySchema, request.body);
    await this.parts.store.change(async (commands) => {
      const locked = isId("rcv", request.id) ? await commands.lockRecovery(request.id) : null;
      const recovery = visible(locked, tenantId);
      if (recovery.status !== "running") return;
      const at = this.parts.now();
      const ended = cancelled(recovery, "by_request", at);
      await commands.endRecovery(ended);
      await commands.recordAudit(recoveryCancelled(caller, ended, at));
    });
  }
}

/** @throws WaggleError `validation_failed` for a time that is still to come */
function requireBefore(since: number, now: number): void {
  if (since < now) return;
  throw new WaggleError("validation_failed", "there is nothing to recover from a time to come", {
    errors: [{ path: "/since", message: "must not be in the future" }],
  });
}

function allowedTenant(caller: Caller, request: RecoveryRequest): string | null {
  requireManage(caller);
  return visibleTenant(caller, readInput(tenantQuerySchema, request.query).tenant_id);
}

function visible(recovery: Recovery | null, tenantId: string | null): Recovery {
  if (!recovery || (tenantId !== null && recovery.tenant_id !== tenantId)) throw notFound("recovery");
  return recovery;
}
