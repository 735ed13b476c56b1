import type { inboundAddressSchema, inboundMessageSchema, inboundMessageSummarySchema, Shown } from "@waggle/contracts";
import type { ReachableAddress } from "../../manage/inbound-addresses/inbound-address";
import type { MessageSummary, StoredMessage } from "../../observe/inbound/stored-message";

export function inboundAddressView(address: ReachableAddress): Shown<typeof inboundAddressSchema> {
  return {
    hash: address.hash,
    address: address.address,
    tenant_id: address.tenant_id,
    name: address.name,
    created_at: new Date(address.created_at).toISOString(),
  };
}

export function messageSummaryView(message: MessageSummary): Shown<typeof inboundMessageSummarySchema> {
  return {
    id: message.id,
    tenant_id: message.tenant_id,
    hash: message.hash,
    to: message.to,
    envelope_sender: message.envelope_sender,
    bounce: message.bounce,
    door: message.door,
    accepted_at: new Date(message.accepted_at).toISOString(),
    from: message.from,
    from_name: message.from_name,
    subject: message.subject,
    size: message.size,
    attachment_count: message.attachment_count,
    parse_error: message.parse_error,
  };
}

/** All of it, but what its attachments hold. */
export function messageView(stored: StoredMessage): Shown<typeof inboundMessageSchema> {
  const { message_id, html_body, text_body, headers, attachments } = stored.message;
  return {
    ...messageSummaryView(stored),
    message_id,
    html_body,
    text_body,
    headers,
    attachments: attachments.map((attachment, n) => ({ n, ...attachment })),
  };
}
