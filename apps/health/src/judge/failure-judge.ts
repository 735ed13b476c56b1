import {
  type DisabledReason,
  disableAfterS,
  type FailureSignal,
  INCIDENT,
  judgeFailures,
  scaledMs,
} from "@waggle/domain";
import { act } from "./act";
import type { IncidentWatch } from "./incidents/incident-watch";
import type { Isolation } from "./isolation";
import type { JudgedWebhooks, KnownAttempts, WebhookOnTrial } from "./ports";

export interface FailureJudgeParts {
  readonly webhooks: JudgedWebhooks;
  readonly incidents: Pick<IncidentWatch, "watch">;
  readonly known: Pick<KnownAttempts, "everywhere">;
  readonly isolation: Pick<Isolation, "each">;
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
   * whoever judges at the same time, it is said once. Nobody is disabled before it was looked whether many others began
   * to fail at the same time: at a backlog that is not known yet, and no sweep may have looked.
   * @throws WaggleError `database_unavailable`: it is done for those judged before
   */
  async judge(webhooks: readonly WebhookOnTrial[], knownUntil: KnownUntil): Promise<void> {
    const due = webhooks.flatMap((webhook) => {
      const known = knownUntil(webhook.webhook_id);
      return known === null ? [] : [{ webhook, known, signals: this.signals(webhook, known) }];
    });
    const began = due.flatMap(({ signals }) =>
      signals.flatMap((it) => (it.kind === "disable" ? it.failing_since : [])),
    );
    if (began.length > 0) await this.parts.incidents.watch(Math.min(...began) - this.incidentWindow);
    for (const { webhook, known, signals } of due) {
      if (signals.length === 0) continue;
      const { webhook_id, tenant_id } = webhook;
      await this.parts.isolation.each({ webhook_id, tenant_id }, () => this.tried(webhook, known));
    }
  }

  private get incidentWindow(): number {
    return scaledMs(INCIDENT.windowS, this.parts.timeScale);
  }

  private signals(webhook: WebhookOnTrial, known: number): readonly FailureSignal[] {
    if (webhook.status === "disabled") return [];
    const { streak, last_success_at, warned, frozen } = webhook;
    const disable_after_s = disableAfterS(webhook);
    const time_scale = this.parts.timeScale;
    const signals = judgeFailures({
      streak,
      last_success_at,
      warned,
      disable_after_s,
      known_until: known,
      frozen,
      time_scale,
    });
    return signals.filter((it) => it.kind !== "disable" || this.isKnownWhoFailedWith(it.failing_since));
  }

  /** Whether all that began to fail at the same time is in the log: else there may be an incident that nobody saw. */
  private isKnownWhoFailedWith(failingSince: number): boolean {
    const everywhere = this.parts.known.everywhere();
    return everywhere !== null && everywhere >= failingSince + this.incidentWindow;
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
