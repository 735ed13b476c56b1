import { type EmailEvent, type OutboundEventType, otherData } from "../event";

const RECORD_TYPE: Readonly<Record<OutboundEventType, string>> = {
  delivery: "Delivery",
  bounce: "Bounce",
  complaint: "SpamComplaint",
  open: "Open",
  click: "Click",
};

const VISITOR = { IPAddress: "ip_address", UserAgent: "user_agent", OccurredAt: "timestamp" } as const;

/** Members that one type has beside the common ones, and the field of `data` each shows. */
const TYPE_MEMBERS: Readonly<Record<OutboundEventType, Readonly<Record<string, string>>>> = {
  delivery: {},
  bounce: { BounceType: "bounce_type", BounceSubtype: "bounce_subtype", DiagnosticCode: "diagnostic_code" },
  complaint: { ComplaintType: "complaint_type", FeedbackID: "feedback_id" },
  open: VISITOR,
  click: { ...VISITOR, OriginalLink: "url" },
};

/**
 * One flat object; what is absent is null, so that every event of a type has the same members, and the publisher's own
 * keys stay under `Extra`. Source: Buzzmark's webhook page, "Payload"; contract §3.
 */
export function buzzmarkBody(event: EmailEvent): string {
  const { data } = event;
  const body: Record<string, unknown> = {
    RecordType: RECORD_TYPE[event.type],
    EventID: event.id,
    MessageID: data.email_id,
    Recipient: data.to,
    From: data.from ?? null,
    Subject: data.subject ?? null,
    Tag: data.tags[0] ?? null,
    Tags: data.tags,
    Metadata: data.metadata,
    // Buzzmark writes UTC as an offset, not as Z.
    ReceivedAt: event.created_at.replace(/Z$/, "+00:00"),
  };
  for (const [member, field] of Object.entries(TYPE_MEMBERS[event.type])) body[member] = data[field] ?? null;
  const other = otherData(event);
  if (Object.keys(other).length > 0) body.Extra = other;
  return JSON.stringify(body);
}
