import { type DeliveryRecord, MAX_BODY_BYTES } from "@waggle/contracts";
import { type Dialect, type EventType, renderBody, renderInbound, sampleEvent, sampleInbound } from "@waggle/domain";

/** What of a delivery depends on the event it tells of. */
type Sample = Pick<DeliveryRecord, "email_id" | "recipient" | "tags" | "inbound_hash" | "body">;

/** An event or a message that never happened, rendered as the webhook would get a real one. */
export function sampleFor(
  type: EventType,
  dialect: Dialect,
  about: { readonly id: string; readonly tenant_id: string; readonly now: number },
): Sample {
  if (type === "inbound") {
    const message = sampleInbound(about);
    const body = Buffer.from(renderInbound(dialect, message, MAX_BODY_BYTES));
    return { email_id: "", recipient: message.to, tags: [], inbound_hash: message.hash, body };
  }
  const event = sampleEvent(type, about);
  const { email_id, to: recipient, tags } = event.data;
  return { email_id, recipient, tags, inbound_hash: null, body: Buffer.from(renderBody(dialect, event)) };
}
