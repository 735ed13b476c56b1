import { auditEntry } from "../audit/audit-entry";
import type { Sides } from "../audit/told";
import type { Caller } from "../caller";
import type { Changes } from "../ports";
import { calledEntry, type Happening } from "./history-entry";
import type { Webhook } from "./webhook";

export interface RecordedChange extends Partial<Sides>, Pick<Happening, "at" | "details"> {
  readonly action: "created" | "changed" | "enabled" | "disabled" | "secret_rotated";
  readonly webhook: Pick<Webhook, "id" | "tenant_id">;
}

/** Notes what a caller did to a webhook: in its history, which goes with it, and in the audit log, which does not. */
export async function recordChange(
  changes: Pick<Changes, "recordHistory" | "recordAudit">,
  caller: Caller,
  { action, webhook: { id, tenant_id }, at, details = {}, ...sides }: RecordedChange,
): Promise<void> {
  await changes.recordHistory(calledEntry(caller, { webhook_id: id, at, action, details }));
  await changes.recordAudit(
    auditEntry(caller, { ...sides, at, tenant_id, action: `webhook.${action}`, resource_id: id }),
  );
}
