import { CANCEL_REASONS, RECOVERABLE, RECOVERY_STATUSES } from "@waggle/contracts";
import { z } from "zod";

const milliseconds = z.date().transform((date) => date.getTime());

/** A row of `recoveries`, but for its position. */
export const recoverySchema = z.object({
  id: z.string(),
  tenant_id: z.string(),
  webhook_id: z.string(),
  since: milliseconds,
  until: milliseconds,
  statuses: z.array(z.enum(RECOVERABLE)),
  status: z.enum(RECOVERY_STATUSES),
  reason: z.enum(CANCEL_REASONS).nullable(),
  matched: z.number(),
  requeued: z.number(),
  unrecoverable: z.number(),
  created_at: milliseconds,
  finished_at: milliseconds.nullable(),
});

export const RECOVERY_COLUMNS = Object.keys(recoverySchema.shape).join(", ");
