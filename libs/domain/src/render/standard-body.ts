import { eventName } from "../dialect";
import type { EmailEvent } from "../event";
import { snakeCaseData } from "./snake-case-data";

/** `{"type","timestamp","data"}`; the id is the `webhook-id` header's. Source: Standard Webhooks "Payload structure". */
export function standardBody(event: EmailEvent): string {
  const type = JSON.stringify(eventName("standard", event.type));
  const timestamp = JSON.stringify(event.created_at);
  return `{"type":${type},"timestamp":${timestamp},"data":${snakeCaseData(event)}}`;
}
