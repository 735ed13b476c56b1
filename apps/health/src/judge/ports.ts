import type { DisabledReason, JudgedWebhook } from "@waggle/domain";

/** Which webhook is judged: ids are not trusted across tenants. */
export interface WebhookOfTenant {
  readonly webhook_id: string;
  readonly tenant_id: string;
}

/** The webhooks as they are kept. */
export abstract class JudgedWebhooks {
  /**
   * Asks `judge` about a webhook that nobody can change meanwhile, and disables it for the reason given (null: it
   * stays), in one transaction with what the directory must learn of it. Resolves to that reason; null also when the
   * tenant has no such webhook.
   * @throws WaggleError `database_unavailable`: it may have happened or not
   */
  abstract disable(
    webhook: WebhookOfTenant,
    judge: (webhook: JudgedWebhook) => DisabledReason | null,
  ): Promise<DisabledReason | null>;
}
