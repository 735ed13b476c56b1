import { DecodeError, decodeEmailEvent, MAX_BODY_BYTES } from "@waggle/contracts";
import { type Dialect, type EventType, renderBody, renderInbound, wholeSecondInstant } from "@waggle/domain";
import { messageOfJson } from "../mail/message-reader.postgres";

/** Of a delivery, what its body says of it. */
export interface Rendered {
  readonly event_id: string;
  readonly tenant_id: string;
  readonly event_type: EventType;
  readonly dialect: Dialect;
  readonly recipient: string;
  /** Milliseconds since the epoch. */
  readonly accepted_at: number;
}

/**
 * The body of the POST, the same bytes as the router would have made. Null for what is not kept any more, and for an
 * event that can no longer be read: one that cannot be sent must not hold up all others.
 */
export function rendered(
  delivery: Rendered,
  { event, message }: { readonly event: string | null; readonly message: string | null },
): string | null {
  if (delivery.event_type === "inbound") return message === null ? null : renderedMail(delivery, message);
  return event === null ? null : renderedEvent(delivery.dialect, event);
}

function renderedMail(delivery: Rendered, json: string): string {
  const { event_id: id, tenant_id, recipient: to, accepted_at, dialect } = delivery;
  const event = { id, tenant_id, to, created_at: wholeSecondInstant(accepted_at), message: messageOfJson(json) };
  return renderInbound(dialect, event, MAX_BODY_BYTES);
}

function renderedEvent(dialect: Dialect, event: string): string | null {
  try {
    return renderBody(dialect, decodeEmailEvent({ value: Buffer.from(event) }));
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
