import {
  pageQuerySchema,
  tenantChangeSchema,
  tenantCreationSchema,
  tenantPageSchema,
  tenantSchema,
} from "@waggle/contracts";
import type { Operation } from "../operation";

const shared = { tag: "Tenants", operatorOnly: true, problems: ["validation_failed"] } as const;
const ids = { id: "tenant" } as const;

export const TENANT_OPERATIONS: readonly Operation[] = [
  {
    ...shared,
    method: "post",
    path: "/v1/tenants",
    id: "createTenant",
    summary: "Create a tenant",
    repeatable: true,
    body: { schema: tenantCreationSchema, required: true },
    answers: { 201: { description: "The tenant.", schema: tenantSchema } },
  },
  {
    ...shared,
    method: "get",
    path: "/v1/tenants",
    id: "listTenants",
    summary: "List tenants, newest first",
    query: pageQuerySchema,
    answers: { 200: { description: "A page of tenants.", schema: tenantPageSchema } },
  },
  {
    ...shared,
    method: "get",
    path: "/v1/tenants/{id}",
    id: "getTenant",
    summary: "Get a tenant",
    ids,
    answers: { 200: { description: "The tenant.", schema: tenantSchema } },
  },
  {
    ...shared,
    method: "patch",
    path: "/v1/tenants/{id}",
    id: "changeTenant",
    summary: "Change a tenant",
    ids,
    body: { schema: tenantChangeSchema, required: true },
    answers: { 200: { description: "The tenant as it is now.", schema: tenantSchema } },
  },
  {
    ...shared,
    method: "delete",
    path: "/v1/tenants/{id}",
    id: "deleteTenant",
    summary: "Delete a tenant",
    description: "Its webhooks, secrets and API keys go with it; what was delivered stays in the log until it expires.",
    ids,
    answers: { 204: { description: "It is gone." } },
  },
];
