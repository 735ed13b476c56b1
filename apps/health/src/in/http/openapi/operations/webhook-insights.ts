import {
  attemptsQuerySchema,
  deliveryDetailSchema,
  filterPreviewSchema,
  historyPageSchema,
  previewSchema,
  recoverySchema,
  recoveryStartSchema,
  recoveryTrialSchema,
  tenantPageQuerySchema,
  tenantQuerySchema,
  webhookAttemptPageSchema,
  webhookHealthSchema,
  webhookTestQuerySchema,
  webhookTestSchema,
} from "@waggle/contracts";
import { z } from "zod";
import type { Operation } from "../operation";

const shared = { tag: "Webhooks", query: tenantQuerySchema, ids: { id: "webhook" } } as const;

/** How webhooks are doing, and trying them. */
export const WEBHOOK_INSIGHT_OPERATIONS: readonly Operation[] = [
  {
    ...shared,
    method: "post",
    path: "/v1/webhooks/{id}/test",
    id: "testWebhook",
    summary: "Send a sample",
    description:
      "One marked sample past all filters, also to a disabled webhook; one attempt, which never counts in rates, judgement or circuit.",
    query: webhookTestQuerySchema,
    body: { schema: webhookTestSchema, required: false },
    answers: {
      200: { description: "The finished delivery.", schema: deliveryDetailSchema },
      202: { description: "The delivery, which did not finish in time.", schema: deliveryDetailSchema },
    },
  },
  {
    ...shared,
    method: "get",
    path: "/v1/webhooks/{id}/health",
    id: "getWebhookHealth",
    summary: "See how a webhook is doing",
    answers: { 200: { description: "How it is doing.", schema: webhookHealthSchema } },
  },
  {
    ...shared,
    method: "get",
    path: "/v1/webhooks/{id}/attempts",
    id: "listWebhookAttempts",
    summary: "List attempts, newest first",
    description: "With full request and response, also of deliveries that succeeded later.",
    query: attemptsQuerySchema,
    answers: { 200: { description: "A page of attempts.", schema: webhookAttemptPageSchema } },
  },
  {
    ...shared,
    method: "get",
    path: "/v1/webhooks/{id}/history",
    id: "listWebhookHistory",
    summary: "List what happened to a webhook, newest first",
    query: tenantPageQuerySchema,
    answers: { 200: { description: "A page of its history.", schema: historyPageSchema } },
  },
  {
    ...shared,
    method: "post",
    path: "/v1/webhooks/{id}/recover",
    id: "recoverWebhook",
    summary: "Send again what a webhook missed",
    repeatable: true,
    body: { schema: recoveryStartSchema, required: true },
    answers: {
      202: {
        description: "The job that was begun, or – `dry_run` – what it would find.",
        schema: z.union([recoverySchema, recoveryTrialSchema]),
      },
    },
    problems: ["webhook_disabled"],
  },
  {
    tag: "Webhooks",
    method: "post",
    path: "/v1/webhooks/preview",
    id: "previewFilter",
    summary: "Try a filter on recent events",
    query: tenantQuerySchema,
    body: { schema: previewSchema, required: true },
    answers: { 200: { description: "What it would have matched.", schema: filterPreviewSchema } },
  },
];
