import type { DeliveryStatus } from "@waggle/domain";
import { z } from "zod";
import { givenInstant, isInOrder, NOT_IN_ORDER } from "./instant";

/** Deliveries that can be recovered: those that ended without reaching their receiver. */
export const RECOVERABLE = ["exhausted", "skipped"] as const satisfies readonly DeliveryStatus[];

/** What is to be recovered; null is as good as absent. Times become milliseconds since the epoch. Source: contract §4. */
export const recoveryStartSchema = z
  .strictObject({
    since: givenInstant.describe("Accepted at or after this."),
    until: givenInstant.nullish().describe("Accepted before this; until now when left out."),
    statuses: z
      .array(z.enum(RECOVERABLE))
      .min(1)
      .transform((all) => RECOVERABLE.filter((status) => all.includes(status)))
      .nullish(),
    dry_run: z.boolean().nullish().describe("Only count."),
  })
  .meta({
    id: "RecoveryStart",
    examples: [{ since: "2026-04-17T00:00:00Z", statuses: ["exhausted"], dry_run: true }],
  })
  .refine(isInOrder, NOT_IN_ORDER)
  .transform(({ since, until, statuses, dry_run }) => {
    return { since, until: until ?? null, statuses: statuses ?? RECOVERABLE, dryRun: dry_run ?? false };
  });
