import type { WebhookEntry } from "@waggle/contracts";
import { type Dialect, type EmailEvent, renderBody } from "@waggle/domain";
import { type Route, type RouteOptions, route, type Subject } from "./route";

/** What an accepted event leads to, given its tenant's webhooks. Source: architecture "router". */
export function routeEvent(event: EmailEvent, webhooks: readonly WebhookEntry[], options: RouteOptions): Route {
  return route(subjectOf(event), webhooks, { ...options, bodyIn: rendererOf(event) });
}

function subjectOf(event: EmailEvent): Subject {
  return {
    id: event.id,
    tenant_id: event.tenant_id,
    type: event.type,
    email_id: event.data.email_id,
    recipient: event.data.to,
    tags: event.data.tags,
    accepted_at: event.accepted_at,
    publisher_id: event.publisher_id,
    inbound_hash: null,
  };
}

/** The body in each dialect that is asked for, rendered once: all deliveries of a dialect share the bytes. */
function rendererOf(event: EmailEvent): (dialect: Dialect) => Buffer {
  const bodies = new Map<Dialect, Buffer>();
  return (dialect) => {
    const known = bodies.get(dialect);
    if (known) return known;
    const body = Buffer.from(renderBody(dialect, event));
    bodies.set(dialect, body);
    return body;
  };
}
