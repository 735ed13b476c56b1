import { auditQuerySchema } from "@waggle/contracts";
import { type Caller, requireManage, visibleTenant } from "../caller";
import { type Page, readPage } from "../page";
import { readInput } from "../read-input";
import type { AuditEntry } from "./audit-entry";
import type { AuditStore } from "./ports";

/**
 * Who changed what, newest first. A tenant sees what was done to its own things, the operator's and waggle's part in it
 * included; what spans tenants is the operator's alone. Source: contract §4.
 */
export class AuditLog {
  constructor(private readonly store: Pick<AuditStore, "entries">) {}

  /** @throws WaggleError as `visibleTenant`; `validation_failed`; `database_unavailable` */
  async list(caller: Caller, query: unknown): Promise<Page<AuditEntry>> {
    requireManage(caller);
    const { tenant_id: named, limit, cursor, ...wanted } = readInput(auditQuerySchema, query);
    const tenantId = visibleTenant(caller, named);
    return readPage({ limit, cursor }, (page) => this.store.entries({ ...wanted, ...page, tenant_id: tenantId }));
  }
}
