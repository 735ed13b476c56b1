import { nextRound } from "../next-round";
import type { KeptDelivery } from "../ports";
import type { LogProgress, RecoveryProgress, RecoveryStore, RecoveryTransaction, RunningRecovery } from "./ports";
import { cancelled, decidedFrom, type Recovery } from "./recovery";
import { recoveryCancelled } from "./recovery-audit";

export interface RecoveryWorkParts {
  readonly store: RecoveryStore;
  readonly log: LogProgress;
  readonly logger: { info(fields: object, event: string): void };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly isStopping: () => boolean;
}

/**
 * Deliveries of a webhook that may be due and wait before a recovery adds to them: enough that a fast receiver is never
 * idle, few enough that what happens now waits for a second or two at most behind what happened then.
 */
const MOST_WAITING = 200;

/** Deliveries in one transaction, and bytes of their bodies: those of inbound mail have up to 12 MiB. */
const BATCH = { deliveries: 50, bytes: 16_777_216 } as const;

/** The part of the recoveries' work that one process does. Several share it: one at a time is at one recovery. */
export class RecoveryWork {
  constructor(private readonly parts: RecoveryWorkParts) {}

  /**
   * Goes on with every recovery as far as its webhook takes more; one that fails holds up no other.
   * @throws the first error there was, such as `database_unavailable`: the same again does the rest
   */
  async advance(): Promise<void> {
    const { store, log } = this.parts;
    const all = await store.running();
    if (all.length === 0) return;
    const through = await log.completeThrough();
    if (through === null) return;
    const errors: unknown[] = [];
    for (const running of all.filter(({ created_at }) => through >= decidedFrom(created_at))) {
      await this.goOn(running).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }

  private async goOn(running: RunningRecovery): Promise<void> {
    while (!this.parts.isStopping()) if (!(await this.step(running))) return;
  }

  /** One transaction's worth; false when there is nothing more to be done now. */
  private step({ id, webhook_id }: RunningRecovery): Promise<boolean> {
    const { store, now } = this.parts;
    return store.change(async (commands) => {
      const webhook = await commands.holdWebhook(webhook_id);
      const progress = webhook && (await commands.takeRecovery(id));
      if (!progress) return false;
      const { recovery } = progress;
      // What was skipped while it was disabled again lies behind the position: somebody has to recover anew.
      if (webhook.status === "disabled" || (await commands.wasDisabledSince(webhook_id, recovery.created_at))) {
        const ended = cancelled(recovery, "webhook_disabled", now());
        await this.end(commands, ended);
        await commands.recordAudit(recoveryCancelled("waggle", ended, now()));
        return false;
      }
      const at = now();
      const room = MOST_WAITING - (await commands.countWaiting(webhook_id, at, MOST_WAITING));
      if (room <= 0) return false;
      const { deliveries, hasMore } = await commands.lockSelected(recovery, {
        after: progress.position,
        limit: Math.min(room, BATCH.deliveries),
        maxBytes: BATCH.bytes,
      });
      const sendable = deliveries.filter(hasBody);
      await commands.beginRounds(sendable.map((each) => nextRound(each, { webhookVersion: webhook.version, now: at })));
      const advanced = progressBy(progress, deliveries, sendable.length);
      await commands.putRecovery(advanced);
      if (hasMore) return true;
      await this.end(commands, { ...advanced.recovery, status: "done", finished_at: at });
      return false;
    });
  }

  private async end(commands: RecoveryTransaction, recovery: Recovery): Promise<void> {
    await commands.endRecovery(recovery);
    const { id: recovery_id, webhook_id, tenant_id, status, reason, matched, requeued, unrecoverable } = recovery;
    const fields = { recovery_id, webhook_id, tenant_id, status, reason, matched, requeued, unrecoverable };
    this.parts.logger.info(fields, "recovery.ended");
  }
}

function progressBy(
  { recovery, position }: RecoveryProgress,
  deliveries: readonly KeptDelivery[],
  requeued: number,
): RecoveryProgress {
  const last = deliveries.at(-1);
  return {
    recovery: {
      ...recovery,
      requeued: recovery.requeued + requeued,
      unrecoverable: recovery.unrecoverable + deliveries.length - requeued,
    },
    position: last ? { accepted_at: last.accepted_at, delivery_id: last.delivery_id } : position,
  };
}

function hasBody(delivery: KeptDelivery): delivery is KeptDelivery & { readonly body: string } {
  return delivery.body !== null;
}
