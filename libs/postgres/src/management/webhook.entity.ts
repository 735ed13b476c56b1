import type { Dialect, DisabledReason, EventType, WebhookStatus } from "@waggle/domain";
import { EntitySchema } from "typeorm";
import { milliseconds, wholeNumber } from "../column-types";

export interface WebhookRow {
  id: string;
  tenant_id: string;
  url: string;
  events: (EventType | "*")[];
  tags: string[];
  description: string | null;
  dialect: Dialect;
  status: WebhookStatus;
  disabled_reason: DisabledReason | null;
  /** Custom headers, their values sealed. */
  headers: { name: string; sealed: string }[];
  timeout_ms: number | null;
  max_in_flight: number | null;
  max_per_second: number | null;
  retry_delays_s: number[] | null;
  disable_after_s: number | null;
  created_at: number;
  updated_at: number;
  version: number;
}

export const WebhookEntity = new EntitySchema<WebhookRow>({
  name: "webhook",
  tableName: "webhooks",
  columns: {
    id: { type: "text", primary: true },
    tenant_id: { type: "text" },
    url: { type: "text" },
    events: { type: "text", array: true },
    tags: { type: "text", array: true },
    description: { type: "text", nullable: true },
    dialect: { type: "text" },
    status: { type: "text" },
    disabled_reason: { type: "text", nullable: true },
    headers: { type: "jsonb" },
    timeout_ms: { type: "integer", nullable: true },
    max_in_flight: { type: "integer", nullable: true },
    max_per_second: { type: "integer", nullable: true },
    retry_delays_s: { type: "integer", array: true, nullable: true },
    disable_after_s: { type: "integer", nullable: true },
    created_at: { type: "timestamptz", transformer: milliseconds },
    updated_at: { type: "timestamptz", transformer: milliseconds },
    version: { type: "bigint", transformer: wholeNumber },
  },
});
