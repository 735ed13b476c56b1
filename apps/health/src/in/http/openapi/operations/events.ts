import {
  eventExplanationSchema,
  eventSchema,
  tenantPageQuerySchema,
  tenantQuerySchema,
  timelinePageSchema,
} from "@waggle/contracts";
import type { Operation } from "../operation";

const tag = "Events";
const one = { tag, method: "get", query: tenantQuerySchema, ids: { id: "event" } } as const;

export const EVENT_OPERATIONS: readonly Operation[] = [
  {
    ...one,
    path: "/v1/events/{id}",
    id: "getEvent",
    summary: "Get an event",
    answers: { 200: { description: "The event.", schema: eventSchema } },
  },
  {
    ...one,
    path: "/v1/events/{id}/explain",
    id: "explainEvent",
    summary: "Explain what came of an event",
    description: "Judged by each webhook's filter as it was when the event was accepted.",
    answers: { 200: { description: "What came of it, webhook by webhook.", schema: eventExplanationSchema } },
  },
  {
    tag,
    method: "get",
    path: "/v1/emails/{email_id}/timeline",
    id: "getEmailTimeline",
    summary: "Follow one email, oldest event first",
    query: tenantPageQuerySchema,
    ids: { email_id: "email" },
    answers: { 200: { description: "A page of its events.", schema: timelinePageSchema } },
  },
];
