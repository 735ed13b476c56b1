import { decodeEmailEvent } from "@waggle/contracts";
import type { EmailEvent, EventType } from "@waggle/domain";
import { z } from "zod";

/** An event of the log: one that was published, or a message that came in, which is about no email that was sent. */
export interface KeptEvent extends Omit<EmailEvent, "type"> {
  readonly type: EventType;
}

/** `data` has the members of every event, so that who reads events needs no other reader. */
const inboundSchema = z.object({
  id: z.string(),
  publisher_id: z.literal(false),
  tenant_id: z.string(),
  type: z.literal("inbound"),
  created_at: z.string(),
  accepted_at: z.number(),
  data: z.looseObject({
    email_id: z.string(),
    to: z.string(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.unknown()),
  }),
});

/** @throws DecodeError, ZodError when it is no event that was stored */
export function keptEvent({ event_type, body }: { readonly event_type: string; readonly body: string }): KeptEvent {
  if (event_type === "inbound") return inboundSchema.parse(JSON.parse(body));
  return decodeEmailEvent({ value: Buffer.from(body) });
}
