import type { Dialect } from "@waggle/domain";
import { EntitySchema } from "typeorm";
import { milliseconds, wholeNumber } from "../column-types";

/** Times in milliseconds since the epoch, as in every row of this lib. */
export interface TenantRow {
  id: string;
  name: string;
  dialect: Dialect;
  alert_email: string | null;
  created_at: number;
  updated_at: number;
  /** The version of its directory record. */
  version: number;
}

export const TenantEntity = new EntitySchema<TenantRow>({
  name: "tenant",
  tableName: "tenants",
  columns: {
    id: { type: "text", primary: true },
    name: { type: "text" },
    dialect: { type: "text" },
    alert_email: { type: "text", nullable: true },
    created_at: { type: "timestamptz", transformer: milliseconds },
    updated_at: { type: "timestamptz", transformer: milliseconds },
    version: { type: "bigint", transformer: wholeNumber },
  },
});
