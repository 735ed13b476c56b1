import type { ApiKeyEntry } from "@waggle/contracts";
import { EntitySchema } from "typeorm";
import { milliseconds, wholeNumber } from "../column-types";

export interface ApiKeyRow {
  id: string;
  tenant_id: string;
  name: string;
  scopes: ApiKeyEntry["scopes"];
  /** SHA-256 of the key, hex: the key itself is shown once and stored nowhere. */
  key_hash: string;
  created_at: number;
  /** Null: never. */
  expires_at: number | null;
  /** Null: not yet. */
  last_used_at: number | null;
  version: number;
}

export const ApiKeyEntity = new EntitySchema<ApiKeyRow>({
  name: "api_key",
  tableName: "api_keys",
  columns: {
    id: { type: "text", primary: true },
    tenant_id: { type: "text" },
    name: { type: "text" },
    scopes: { type: "text", array: true },
    key_hash: { type: "text" },
    created_at: { type: "timestamptz", transformer: milliseconds },
    expires_at: { type: "timestamptz", nullable: true, transformer: milliseconds },
    last_used_at: { type: "timestamptz", nullable: true, transformer: milliseconds },
    version: { type: "bigint", transformer: wholeNumber },
  },
});
