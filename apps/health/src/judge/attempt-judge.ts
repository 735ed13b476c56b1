import { type DisabledReason, disabledBy, type JudgedAttempt, saysGone } from "@waggle/domain";
import type { AttemptEntry } from "../observe/log-entry";
import type { JudgedWebhooks, WebhookOfTenant } from "./ports";

export interface AttemptJudgeParts {
  readonly webhooks: JudgedWebhooks;
  readonly logger: { info(fields: object, event: string): void };
  /** Called once for each webhook that was disabled. */
  readonly onDisabled: (reason: DisabledReason) => void;
}

type Evidence = WebhookOfTenant & JudgedAttempt & { readonly delivery_id: string };

/** Judges webhooks by what is in the log about them. */
export class AttemptJudge {
  constructor(private readonly parts: AttemptJudgeParts) {}

  /**
   * Disables the webhooks whose receivers said that they are gone. The same attempts again change nothing, whoever
   * judges them.
   * @throws WaggleError `database_unavailable`: those judged before it struck are disabled
   */
  async judge(entries: readonly AttemptEntry[]): Promise<void> {
    const { webhooks, logger, onDisabled } = this.parts;
    for (const evidence of evidenceOf(entries)) {
      const reason = await webhooks.disable(evidence, (webhook) => disabledBy(evidence, webhook));
      if (reason === null) continue;
      onDisabled(reason);
      const { webhook_id, tenant_id, delivery_id } = evidence;
      logger.info({ webhook_id, tenant_id, delivery_id, reason }, "webhook.disabled");
    }
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
