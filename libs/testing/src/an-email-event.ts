import type { EmailEvent, EventData, OutboundEventType } from "@waggle/domain";

interface EmailEventOverrides extends Partial<Omit<EmailEvent, "data">> {
  readonly data?: Partial<EventData>;
}

const REQUIRED_DATA: Readonly<Record<OutboundEventType, object>> = {
  delivery: {},
  bounce: { bounce_type: "hard" },
  complaint: { complaint_type: "other" },
  open: {},
  click: { url: "https://yourdomain.com/welcome" },
};

/** An accepted event with the least its type needs, accepted a second after it happened. */
export function anEmailEvent({ data, ...overrides }: EmailEventOverrides = {}): EmailEvent {
  const type = overrides.type ?? "delivery";
  return {
    id: "evt_01HPQRS",
    publisher_id: false,
    tenant_id: "ten_01HPQRS",
    type,
    created_at: "2026-04-17T12:34:56Z",
    accepted_at: Date.UTC(2026, 3, 17, 12, 34, 57),
    ...overrides,
    data: {
      email_id: "msg_01HPQRS",
      to: "customer@example.com",
      tags: [],
      metadata: {},
      ...REQUIRED_DATA[type],
      ...data,
    },
  };
}
