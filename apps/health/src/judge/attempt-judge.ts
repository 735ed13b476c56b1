import { type DisabledReason, disabledBy, type JudgedAttempt, saysGone } from "@waggle/domain";
import type { AttemptEntry } from "../observe/log-entry";
import { act } from "./act";
import type { FailureJudge } from "./failure-judge";
import type { Isolation } from "./isolation";
import type { JudgedWebhooks, WebhookOfTenant } from "./ports";

export interface AttemptJudgeParts {
  readonly webhooks: JudgedWebhooks;
  readonly failures: Pick<FailureJudge, "judge">;
  readonly isolation: Pick<Isolation, "each">;
  readonly now: () => number;
  readonly logger: { info(fields: object, event: string): void };
  /** Called once for each webhook that was disabled. */
  readonly onDisabled: (reason: DisabledReason) => void;
}

type Evidence = WebhookOfTenant & JudgedAttempt & { readonly delivery_id: string };

/** Judges webhooks by what is in the log about them. */
export class AttemptJudge {
  constructor(private readonly parts: AttemptJudgeParts) {}

  /**
   * Disables the webhooks whose receivers said that they are gone, and judges those that fail, or do no longer. The
   * same attempts again change nothing, whoever judges them.
   * @throws WaggleError `database_unavailable`: those judged before it struck are judged
   */
  async judge(entries: readonly AttemptEntry[]): Promise<void> {
    await this.judgeEnds(entries);
    const known = decidedUntil(entries);
    if (known.size === 0) return;
    const { webhooks, failures, isolation } = this.parts;
    // What is given up here is judged by the sweep.
    await isolation.each({ webhooks: known.size }, async () => {
      const failing = await webhooks.failingAmong([...known.keys()]);
      await failures.judge(failing, (id) => known.get(id) ?? null);
    });
  }

  /**
   * The same for what says by itself that a receiver is gone, whether it is in the log or not.
   * @throws WaggleError as `judge`
   */
  async judgeEnds(entries: readonly AttemptEntry[]): Promise<void> {
    for (const evidence of evidenceOf(entries)) {
      const { webhook_id, tenant_id, delivery_id } = evidence;
      await this.parts.isolation.each({ webhook_id, tenant_id, delivery_id }, () => this.judgeGone(evidence));
    }
  }

  private async judgeGone(evidence: Evidence): Promise<void> {
    const { webhooks, logger, onDisabled, now } = this.parts;
    const { webhook_id, tenant_id, delivery_id } = evidence;
    const reason = await webhooks.onTrial({ webhook_id, tenant_id }, async (trial) => {
      if (disabledBy(evidence, trial.webhook) === null) return null;
      return act(trial, { kind: "gone", delivery_id }, now());
    });
    if (reason === null) return;
    onDisabled(reason);
    logger.info({ webhook_id, tenant_id, delivery_id, reason }, "webhook.disabled");
  }
}

/** What may disable a webhook, once for each of its versions: of many attempts at once all said the same. */
function evidenceOf(entries: readonly AttemptEntry[]): Iterable<Evidence> {
  const found = new Map<string, Evidence>();
  for (const { identity, state, webhook_version } of entries) {
    const { webhook_id, tenant_id, delivery_id, test } = identity;
    const evidence = { webhook_id, tenant_id, delivery_id, test, reason: state.reason, webhook_version };
    const key = `${tenant_id}/${webhook_id}/${webhook_version}`;
    if (saysGone(evidence) && !found.has(key)) found.set(key, evidence);
  }
  return found.values();
}

/**
 * When the last try of each webhook was decided. Tries of a webhook are read in their order, so that all before it are
 * known.
 */
function decidedUntil(entries: readonly AttemptEntry[]): ReadonlyMap<string, number> {
  const until = new Map<string, number>();
  for (const { identity, state, try: made } of entries) {
    if (made === null || identity.test) continue;
    until.set(identity.webhook_id, Math.max(state.at, until.get(identity.webhook_id) ?? 0));
  }
  return until;
}
