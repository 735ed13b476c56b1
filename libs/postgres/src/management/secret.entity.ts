import { EntitySchema } from "typeorm";
import { milliseconds, wholeNumber } from "../column-types";

export interface SecretRow {
  /** Rising: the newest secret of an owner has the highest. */
  id: number;
  tenant_id: string;
  /** Null: the tenant's own, which its sharing webhooks sign with. */
  webhook_id: string | null;
  sealed: string;
  /** When it stops signing after a rotation; null: the current one. */
  expires_at: number | null;
}

export const SecretEntity = new EntitySchema<SecretRow>({
  name: "secret",
  tableName: "secrets",
  columns: {
    id: { type: "bigint", primary: true, generated: "increment", transformer: wholeNumber },
    tenant_id: { type: "text" },
    webhook_id: { type: "text", nullable: true },
    sealed: { type: "text" },
    expires_at: { type: "timestamptz", nullable: true, transformer: milliseconds },
  },
});
