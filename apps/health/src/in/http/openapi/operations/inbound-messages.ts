import {
  inboundMessagePageSchema,
  inboundMessageSchema,
  inboundMessageSearchSchema,
  tenantQuerySchema,
} from "@waggle/contracts";
import { z } from "zod";
import type { Operation } from "../operation";

const tag = "Inbound mail";
const one = { tag, method: "get", query: tenantQuerySchema } as const;
const message = { id: "inbound_message" } as const;

/** Bytes of any kind. */
const bytes = z.unknown();

export const INBOUND_MESSAGE_OPERATIONS: readonly Operation[] = [
  {
    tag,
    method: "get",
    path: "/v1/inbound-messages",
    id: "listInboundMessages",
    summary: "List messages that came in, newest first",
    query: inboundMessageSearchSchema,
    answers: { 200: { description: "A page of messages.", schema: inboundMessagePageSchema } },
    problems: ["query_too_slow"],
  },
  {
    ...one,
    path: "/v1/inbound-messages/{id}",
    id: "getInboundMessage",
    summary: "Get a message that came in",
    ids: message,
    answers: { 200: { description: "The message as it was read.", schema: inboundMessageSchema } },
  },
  {
    ...one,
    path: "/v1/inbound-messages/{id}/raw",
    id: "getInboundMessageRaw",
    summary: "Download a message as it came",
    ids: message,
    answers: {
      200: {
        description: "Its source.",
        schema: bytes,
        mediaType: "message/rfc822",
        headers: ["Content-Disposition"],
      },
    },
    problems: ["blob_store_unavailable"],
  },
  {
    ...one,
    path: "/v1/inbound-messages/{id}/attachments/{n}",
    id: "getInboundAttachment",
    summary: "Download an attachment",
    ids: { ...message, n: "attachment" },
    answers: {
      200: {
        description: "What it holds, decoded. What a browser would run is `application/octet-stream`.",
        schema: bytes,
        mediaType: "*/*",
        headers: ["Content-Disposition"],
      },
    },
    problems: ["blob_store_unavailable"],
  },
];
