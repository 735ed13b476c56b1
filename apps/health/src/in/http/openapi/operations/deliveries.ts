import {
  deliveryDetailSchema,
  deliveryPageSchema,
  deliverySchema,
  deliverySearchSchema,
  emptyBodySchema,
  liveQuerySchema,
  recoverySchema,
  tenantQuerySchema,
} from "@waggle/contracts";
import { z } from "zod";
import type { Operation } from "../operation";

const shared = { tag: "Deliveries", query: tenantQuerySchema } as const;

const LIVE = `A stream of Server-Sent Events. \`attempt\` and \`end\` (a delivery that ended without one) carry a LiveAttempt as \`data\`; \`dropped\` says \`{"count"}\` of what was not read in time; \`closed\` says \`{"reason"}\` and is the last. A comment every 15 s keeps the connection open. Browsers read it with fetch: EventSource sends no bearer token.`;

const stream = z.string().meta({
  contentMediaType: "text/event-stream",
  contentSchema: { $ref: "#/components/schemas/LiveAttempt" },
});

export const DELIVERY_OPERATIONS: readonly Operation[] = [
  {
    ...shared,
    method: "get",
    path: "/v1/deliveries",
    id: "listDeliveries",
    summary: "Search the delivery log, newest first",
    query: deliverySearchSchema,
    problems: ["query_too_slow"],
    answers: { 200: { description: "A page of deliveries.", schema: deliveryPageSchema } },
  },
  {
    ...shared,
    method: "get",
    path: "/v1/deliveries/{id}",
    id: "getDelivery",
    summary: "Get a delivery with all that was sent and answered",
    ids: { id: "delivery" },
    answers: { 200: { description: "The delivery.", schema: deliveryDetailSchema } },
  },
  {
    ...shared,
    method: "post",
    path: "/v1/deliveries/{id}/requeue",
    id: "requeueDelivery",
    summary: "Send a delivery again",
    repeatable: true,
    description: "Begins a new round, whatever its status; an older round that is pending is superseded.",
    ids: { id: "delivery" },
    body: { schema: emptyBodySchema, required: false },
    answers: { 202: { description: "The delivery in its new round.", schema: deliverySchema } },
    problems: ["webhook_disabled", "conflict"],
  },
  {
    ...shared,
    method: "get",
    path: "/v1/recoveries/{id}",
    id: "getRecovery",
    summary: "Get a recovery with its progress",
    ids: { id: "recovery" },
    answers: { 200: { description: "The recovery.", schema: recoverySchema } },
  },
  {
    ...shared,
    method: "delete",
    path: "/v1/recoveries/{id}",
    id: "cancelRecovery",
    summary: "Cancel a recovery",
    description: "It ends where it stands; one that has ended stays as it is.",
    ids: { id: "recovery" },
    answers: { 204: { description: "It has ended." } },
  },
  {
    ...shared,
    method: "get",
    path: "/v1/live",
    id: "watchAttempts",
    summary: "Watch attempts as they happen",
    description: LIVE,
    query: liveQuerySchema,
    answers: { 200: { description: "The stream.", schema: stream, mediaType: "text/event-stream" } },
    problems: ["kafka_unavailable"],
  },
];
