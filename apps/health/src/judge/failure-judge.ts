import { type DisabledReason, disableAfterS, type FailureSignal, judgeFailures } from "@waggle/domain";
import { act } from "./act";
import type { JudgedWebhooks, WebhookOnTrial } from "./ports";

export interface FailureJudgeParts {
  readonly webhooks: JudgedWebhooks;
  readonly timeScale: number;
  readonly now: () => number;
  readonly logger: { info(fields: object, event: string): void };
  /** Called once for each webhook that was disabled. */
  readonly onDisabled: (reason: DisabledReason) => void;
}

/** The time up to which every attempt of a webhook is known; null: it is not judged. */
export type KnownUntil = (webhookId: string) => number | null;

/** Warns about webhooks that fail, and disables those that have failed for too long. */
export class FailureJudge {
  constructor(private readonly parts: FailureJudgeParts) {}

  /**
   * Judges webhooks as they were read, and those of which there is something to say again when nobody can change them:
   * whoever judges at the same time, it is said once.
   * @throws WaggleError `database_unavailable`: it is done for those judged before
   */
  async judge(webhooks: readonly WebhookOnTrial[], knownUntil: KnownUntil): Promise<void> {
    for (const webhook of webhooks) {
      const known = knownUntil(webhook.webhook_id);
      if (known !== null && this.signals(webhook, known).length > 0) await this.tried(webhook, known);
    }
  }

  private signals(webhook: WebhookOnTrial, known: number): readonly FailureSignal[] {
    if (webhook.status === "disabled") return [];
    const { streak, last_success_at, warned, frozen } = webhook;
    const disable_after_s = disableAfterS(webhook);
    const time_scale = this.parts.timeScale;
    return judgeFailures({
      streak,
      last_success_at,
      warned,
      disable_after_s,
      known_until: known,
      frozen,
      time_scale,
    });
  }

  private async tried({ webhook_id, tenant_id }: WebhookOnTrial, known: number): Promise<void> {
    const { webhooks, now, logger, onDisabled } = this.parts;
    const said = await webhooks.onTrial({ webhook_id, tenant_id }, async (trial) => {
      const signals = this.signals(trial.webhook, known);
      for (const signal of signals) await act(trial, signal, now());
      return signals;
    });
    for (const { kind } of said ?? []) {
      if (kind === "disable") onDisabled("failing");
      logger.info({ webhook_id, tenant_id, signal: kind }, "webhook.judged");
    }
  }
}
