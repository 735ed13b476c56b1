import {
  apiKeyCreationSchema,
  apiKeyPageSchema,
  apiKeySchema,
  createdApiKeySchema,
  tenantPageQuerySchema,
  tenantQuerySchema,
} from "@waggle/contracts";
import type { Operation } from "../operation";

const tag = "API keys";

export const API_KEY_OPERATIONS: readonly Operation[] = [
  {
    tag,
    method: "post",
    path: "/v1/api-keys",
    id: "createApiKey",
    summary: "Create an API key",
    description: "The key itself is in this answer and nowhere else.",
    repeatable: true,
    query: tenantQuerySchema,
    body: { schema: apiKeyCreationSchema, required: true },
    answers: { 201: { description: "The key.", schema: createdApiKeySchema } },
    problems: ["limit_reached"],
  },
  {
    tag,
    method: "get",
    path: "/v1/api-keys",
    id: "listApiKeys",
    summary: "List API keys, newest first",
    query: tenantPageQuerySchema,
    answers: { 200: { description: "A page of keys.", schema: apiKeyPageSchema } },
  },
  {
    tag,
    method: "get",
    path: "/v1/api-keys/{id}",
    id: "getApiKey",
    summary: "Get an API key",
    ids: { id: "api_key" },
    query: tenantQuerySchema,
    answers: { 200: { description: "The key, without itself.", schema: apiKeySchema } },
  },
  {
    tag,
    method: "delete",
    path: "/v1/api-keys/{id}",
    id: "deleteApiKey",
    summary: "Revoke an API key",
    description: "It is refused everywhere within 5 s.",
    ids: { id: "api_key" },
    query: tenantQuerySchema,
    answers: { 204: { description: "It is gone." } },
  },
];
