import { z } from "zod";
import { pageQuerySchema } from "../manage/page";
import { tenantQuerySchema } from "../manage/read-input";
import { subscribedEvents, subscribedTags } from "../manage/webhooks/webhook-input";
import { instant, understood } from "../observe/delivery-search";
import { decodeLogCursor } from "../observe/log-cursor";
import type { EventPosition } from "./ports";

/** The query of `GET /v1/emails/{email_id}/timeline`. */
export const timelineQuerySchema = z.strictObject({
  ...tenantQuerySchema.shape,
  limit: pageQuerySchema.shape.limit,
  cursor: understood(decodePosition, "is not a cursor of this list"),
});

/** The body of `POST /v1/webhooks/preview`: a filter as a webhook has it, and how far to look back. */
export const previewSchema = z.strictObject({
  events: subscribedEvents,
  tags: subscribedTags.nullish(),
  since: instant,
});

function decodePosition(cursor: string): EventPosition | null {
  const position = decodeLogCursor(cursor);
  return position && { accepted_at: position.accepted_at, event_id: position.delivery_id };
}
