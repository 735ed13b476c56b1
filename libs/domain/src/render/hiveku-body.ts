import { eventName } from "../dialect";
import type { EmailEvent } from "../event";
import { snakeCaseData } from "./snake-case-data";

/** `{"id","type","created_at","data"}`. Source: Hiveku's webhook page, "Event payload"; contract §3. */
export function hivekuBody(event: EmailEvent): string {
  const id = JSON.stringify(event.id);
  const type = JSON.stringify(eventName("hiveku", event.type));
  const createdAt = JSON.stringify(event.created_at);
  return `{"id":${id},"type":${type},"created_at":${createdAt},"data":${snakeCaseData(event)}}`;
}
