import type { ProblemCode } from "@waggle/contracts";
import type { z } from "zod";
import type { AnswerHeader, RequestHeader } from "./headers";
import type { PathId } from "./path-ids";

export const TAGS = {
  Tenants: "Whose events, webhooks and keys belong together. For the operator.",
  "API keys": "What a tenant's programs authenticate with.",
  Webhooks: "Subscriptions of receivers.",
  Deliveries: "What became of events: the delivery log, and sending again.",
  Events: "Events as they were accepted, and why they went where they went.",
  "Inbound mail": "Addresses at which mail comes in, and the messages that came.",
  Incident: "The incident that keeps webhooks from being disabled.",
  "Audit log": "Who changed what.",
} as const satisfies Readonly<Record<string, string>>;

export interface Answer {
  readonly description: string;
  /** None: the answer has no body. */
  readonly schema?: z.ZodType;
  /** `application/json` when left out. */
  readonly mediaType?: string;
  readonly headers?: readonly AnswerHeader[];
}

/** One operation of the management API, without what all of them have in common. */
export interface Operation {
  readonly method: "get" | "post" | "patch" | "delete";
  /** As OpenAPI writes paths: `/v1/tenants/{id}`. */
  readonly path: string;
  /** Its name in clients. */
  readonly id: string;
  readonly tag: keyof typeof TAGS;
  readonly summary: string;
  readonly description?: string;
  readonly operatorOnly?: boolean;
  /** What the names in `path` stand for. */
  readonly ids?: Readonly<Record<string, PathId>>;
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly required: boolean };
  readonly headers?: readonly RequestHeader[];
  /** Whether it takes an `Idempotency-Key`. */
  readonly repeatable?: boolean;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Beyond those that every operation of its kind may answer. */
  readonly problems?: readonly ProblemCode[];
}
