import type { WebhookEntry } from "@waggle/contracts";
import type { SubscriptionFilter } from "@waggle/domain";

/** An entry is never changed but replaced, so a filter is valid as long as its entry, and goes with it. */
const filters = new WeakMap<WebhookEntry, SubscriptionFilter>();

/** What a webhook subscribes to, made once per version of the webhook: a tenant may have thousands. */
export function subscriptionFilter(webhook: WebhookEntry): SubscriptionFilter {
  const known = filters.get(webhook);
  if (known) return known;
  const filter = {
    types: new Set(webhook.event_types),
    tags: new Set(webhook.tags),
    created_at: webhook.created_at,
  };
  filters.set(webhook, filter);
  return filter;
}
