import { type EmailEvent, OUTBOUND_EVENT_TYPES } from "@waggle/domain";
import { z } from "zod";
import { DecodeError } from "./decode-error";
import { EMAIL_EVENTS } from "./topics";
import type { ReceivedRecord, WireRecord } from "./wire-record";

const emailEventSchema = z.object({
  id: z.string().min(1),
  publisher_id: z.boolean(),
  tenant_id: z.string().min(1),
  type: z.enum(OUTBOUND_EVENT_TYPES),
  created_at: z.string(),
  accepted_at: z.number(),
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

/** @throws DecodeError `undecodable` when the record is no accepted event */
export function decodeEmailEvent(record: Pick<ReceivedRecord, "value">): EmailEvent {
  let json: unknown;
  try {
    json = JSON.parse(record.value?.toString("utf8") ?? "");
  } catch (cause) {
    throw new DecodeError("undecodable", "value", { cause });
  }
  const parsed = emailEventSchema.safeParse(json);
  if (!parsed.success) throw new DecodeError("undecodable", parsed.error.issues[0]?.path.join(".") ?? "value");
  return parsed.data;
}
