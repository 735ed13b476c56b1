import {
  createdWebhookSchema,
  emptyBodySchema,
  rotatedSecretSchema,
  secretRotationSchema,
  tenantPageQuerySchema,
  tenantQuerySchema,
  webhookChangeSchema,
  webhookCreationSchema,
  webhookPageSchema,
  webhookSchema,
  webhookSecretSchema,
} from "@waggle/contracts";
import type { Operation } from "../operation";

const shared = { tag: "Webhooks", query: tenantQuerySchema } as const;
const one = { ...shared, path: "/v1/webhooks/{id}", ids: { id: "webhook" } } as const;

/** A change is refused when the webhook is no longer as it was read. */
const guarded = { headers: ["If-Match"], problems: ["precondition_failed"] } as const;

const changed = { description: "The webhook as it is now.", schema: webhookSchema, headers: ["ETag"] } as const;

export const WEBHOOK_OPERATIONS: readonly Operation[] = [
  {
    ...shared,
    method: "post",
    path: "/v1/webhooks",
    id: "createWebhook",
    summary: "Create a webhook",
    repeatable: true,
    body: { schema: webhookCreationSchema, required: true },
    answers: {
      201: { description: "The webhook, with its secret.", schema: createdWebhookSchema, headers: ["ETag"] },
    },
    problems: ["limit_reached"],
  },
  {
    ...shared,
    method: "get",
    path: "/v1/webhooks",
    id: "listWebhooks",
    summary: "List webhooks, newest first",
    query: tenantPageQuerySchema,
    answers: { 200: { description: "A page of webhooks.", schema: webhookPageSchema } },
  },
  {
    ...one,
    method: "get",
    id: "getWebhook",
    summary: "Get a webhook",
    headers: ["If-None-Match"],
    answers: {
      200: { description: "The webhook.", schema: webhookSchema, headers: ["ETag"] },
      304: { description: "It is as `If-None-Match` knows it.", headers: ["ETag"] },
    },
  },
  {
    ...one,
    ...guarded,
    method: "patch",
    id: "changeWebhook",
    summary: "Change a webhook",
    description: "It takes effect within 5 s.",
    body: { schema: webhookChangeSchema, required: true },
    answers: { 200: changed },
  },
  {
    ...one,
    ...guarded,
    method: "delete",
    id: "deleteWebhook",
    summary: "Delete a webhook",
    answers: { 204: { description: "It is gone." } },
  },
  {
    ...one,
    ...guarded,
    method: "post",
    path: "/v1/webhooks/{id}/enable",
    id: "enableWebhook",
    summary: "Enable a webhook",
    description: "Closes its circuit and clears `failing_since`.",
    body: { schema: emptyBodySchema, required: false },
    answers: { 200: changed },
  },
  {
    ...one,
    ...guarded,
    method: "post",
    path: "/v1/webhooks/{id}/disable",
    id: "disableWebhook",
    summary: "Disable a webhook",
    description: "What it would have got is kept as deliveries `skipped`, which can be recovered.",
    body: { schema: emptyBodySchema, required: false },
    answers: { 200: changed },
  },
  {
    ...one,
    method: "get",
    path: "/v1/webhooks/{id}/secret",
    id: "getWebhookSecret",
    summary: "Get a webhook's secret",
    answers: { 200: { description: "The secret.", schema: webhookSecretSchema } },
  },
  {
    ...one,
    headers: ["If-Match"],
    repeatable: true,
    method: "post",
    path: "/v1/webhooks/{id}/rotate-secret",
    id: "rotateWebhookSecret",
    summary: "Replace a webhook's secret",
    description: "For a while the one before signs along. A secret that webhooks share is replaced for all of them.",
    body: { schema: secretRotationSchema, required: false },
    answers: { 200: { description: "The new secret.", schema: rotatedSecretSchema } },
    problems: ["precondition_failed", "too_many_secrets"],
  },
];
