import { auditPageSchema, auditQuerySchema } from "@waggle/contracts";
import type { Operation } from "../operation";

export const AUDIT_LOG_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/audit-log",
    id: "listAuditLog",
    tag: "Audit log",
    summary: "List who changed what, newest first",
    query: auditQuerySchema,
    answers: { 200: { description: "A page of the audit log.", schema: auditPageSchema } },
  },
];
