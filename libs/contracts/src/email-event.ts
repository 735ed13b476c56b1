import { type EmailEvent, OUTBOUND_EVENT_TYPES } from "@waggle/domain";
import { z } from "zod";
import { checkedJson } from "./checked-json";
import { EMAIL_EVENTS } from "./topics";
import type { ReceivedRecord, WireRecord } from "./wire-record";

const emailEventSchema = z.object({
  id: z.string().min(1),
  publisher_id: z.boolean(),
  tenant_id: z.string().min(1),
  type: z.enum(OUTBOUND_EVENT_TYPES),
  created_at: z.string(),
  accepted_at: z.int().nonnegative(),
  data: z.looseObject({
    email_id: z.string(),
    to: z.string(),
    from: z.string().exactOptional(),
    subject: z.string().exactOptional(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.unknown()),
  }),
});

/** The record of one accepted event: keyed by tenant and email, so that one email's events stay in order. */
export function encodeEmailEvent(event: EmailEvent): WireRecord {
  return {
    topic: EMAIL_EVENTS,
    key: `${event.tenant_id}/${event.data.email_id}`,
    value: Buffer.from(JSON.stringify(event)),
  };
}

/** Names the API key that events came with. */
const KEY_HEADER = "api-key-id";

/**
 * The records of what was published in one request. The first names the API key, so that whoever reads the topic learns
 * of its use: ingest has no database to note it in.
 */
export function encodePublication(events: readonly EmailEvent[], keyId: string): WireRecord[] {
  return events.map((event, index) => {
    const record = encodeEmailEvent(event);
    return index === 0 ? withPublishingKey(record, keyId) : record;
  });
}

/** The record, saying which API key its request came with. */
export function withPublishingKey(record: WireRecord, keyId: string): WireRecord {
  return { ...record, headers: { ...record.headers, [KEY_HEADER]: keyId } };
}

/** The id of the API key that a record's request came with; null when it does not say. */
export function publishingKey({ headers }: Pick<ReceivedRecord, "headers">): string | null {
  return headers[KEY_HEADER]?.toString("utf8") ?? null;
}

/** @throws DecodeError `undecodable` when the record is no accepted event */
export function decodeEmailEvent(record: Pick<ReceivedRecord, "value">): EmailEvent {
  return checkedJson<EmailEvent>(record.value, emailEventSchema);
}
