import { deliverySearchSchema, isInOrder, NOT_IN_ORDER } from "@waggle/contracts";
import { cursorSchema } from "../manage/page";
import { decodeLogCursor } from "./log-cursor";
import { storableText } from "./storable-text";

const storable = (text: string | null): string | null => text && storableText(text);

/** What deliveries are looked for by. What is looked for goes through what stored text went through. */
export const deliverySearch = deliverySearchSchema
  .extend({ cursor: cursorSchema(decodeLogCursor) })
  .refine(isInOrder, NOT_IN_ORDER)
  .transform((search) => ({
    ...search,
    webhook_id: storable(search.webhook_id),
    event_id: storable(search.event_id),
    email_id: storable(search.email_id),
    recipient: storable(search.recipient),
    tag: storable(search.tag),
  }));
