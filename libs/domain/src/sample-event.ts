import type { EmailEvent, OutboundEventType } from "./event";
import { wholeSecondInstant } from "./instant";

/** What each type has beside the common fields: an example of every one it documents. Source: contract §2. */
const TYPE_DATA: Readonly<Record<OutboundEventType, (at: string) => Readonly<Record<string, string>>>> = {
  delivery: () => ({}),
  bounce: () => ({
    bounce_type: "hard",
    bounce_subtype: "general",
    diagnostic_code: "550 5.1.1 The email account does not exist",
  }),
  complaint: () => ({ complaint_type: "abuse", feedback_id: "sample-feedback" }),
  open: (at) => ({ ...VISITOR, timestamp: at }),
  click: (at) => ({ url: "https://example.com/welcome", ...VISITOR, timestamp: at }),
};

const VISITOR = { ip_address: "192.0.2.1", user_agent: "Mozilla/5.0 (sample)" } as const;

/**
 * An event that never happened, for trying a receiver: complete, and of addresses nobody has (RFC 2606, RFC 5737).
 * `now` in milliseconds since the epoch.
 */
export function sampleEvent(
  type: OutboundEventType,
  { id, tenant_id, now }: { readonly id: string; readonly tenant_id: string; readonly now: number },
): EmailEvent {
  const at = wholeSecondInstant(now);
  return {
    id,
    publisher_id: false,
    tenant_id,
    type,
    created_at: at,
    accepted_at: now,
    data: {
      email_id: "msg_sample",
      to: "customer@example.com",
      from: "noreply@example.net",
      subject: "A sample email",
      ...TYPE_DATA[type](at),
      tags: ["sample"],
      metadata: {},
    },
  };
}
