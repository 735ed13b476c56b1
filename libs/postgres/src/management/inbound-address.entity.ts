import { EntitySchema } from "typeorm";
import { milliseconds, wholeNumber } from "../column-types";

export interface InboundAddressRow {
  /** Sorts by age; nobody outside sees it. */
  id: string;
  tenant_id: string;
  /** What stands before the @. */
  hash: string;
  name: string | null;
  created_at: number;
  version: number;
}

export const InboundAddressEntity = new EntitySchema<InboundAddressRow>({
  name: "inbound_address",
  tableName: "inbound_addresses",
  columns: {
    id: { type: "text", primary: true },
    tenant_id: { type: "text" },
    hash: { type: "text" },
    name: { type: "text", nullable: true },
    created_at: { type: "timestamptz", transformer: milliseconds },
    version: { type: "bigint", transformer: wholeNumber },
  },
});
