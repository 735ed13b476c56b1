import type { InboundMail, WebhookEntry } from "@waggle/contracts";
import { type Dialect, inboundAddress, mismatch } from "@waggle/domain";
import { type Route, type RouteOptions, route, type Subject } from "./route";
import { subscriptionFilter } from "./subscription-filter";

/** The dialects in which a message has to be rendered; none when no webhook that is enabled wants it. */
export function dialectsWanted(mail: InboundMail, webhooks: readonly WebhookEntry[]): Dialect[] {
  const subject = subjectOf(mail);
  const wanting = webhooks.filter((webhook) => mismatch(subscriptionFilter(webhook), subject) === null);
  return [...new Set(wanting.filter(({ status }) => status === "enabled").map(({ dialect }) => dialect))];
}

/** What an accepted message leads to, given its tenant's webhooks and the bodies in the dialects they want. */
export function routeInbound(
  mail: InboundMail,
  webhooks: readonly WebhookEntry[],
  { bodies, ...options }: RouteOptions & { readonly bodies: ReadonlyMap<Dialect, Buffer> },
): Route {
  const bodyIn = (dialect: Dialect) => {
    const body = bodies.get(dialect);
    if (!body) throw new Error(`inbound mail was not rendered in ${dialect}`);
    return body;
  };
  return route(subjectOf(mail), webhooks, { ...options, bodyIn });
}

function subjectOf(mail: InboundMail): Subject {
  return {
    id: mail.id,
    tenant_id: mail.tenant_id,
    type: "inbound",
    email_id: "",
    recipient: inboundAddress(mail),
    tags: [],
    accepted_at: mail.accepted_at,
    publisher_id: false,
    inbound_hash: mail.hash,
  };
}
