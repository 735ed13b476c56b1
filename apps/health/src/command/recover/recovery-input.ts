import { toUtcInstant } from "@waggle/domain";
import { z } from "zod";
import { RECOVERABLE } from "./recovery";

const instant = z.string().transform((given, context) => {
  const utc = toUtcInstant(given);
  if (utc !== null) return Date.parse(utc);
  context.addIssue({ code: "custom", message: "must be an ISO 8601 time with a zone" });
  return z.NEVER;
});

/** What is to be recovered; null is as good as absent. Times become milliseconds since the epoch. Source: contract §4. */
export const recoverySchema = z
  .strictObject({
    since: instant,
    until: instant.nullish(),
    statuses: z
      .array(z.enum(RECOVERABLE))
      .min(1)
      .transform((all) => RECOVERABLE.filter((status) => all.includes(status)))
      .nullish(),
    dry_run: z.boolean().nullish(),
  })
  .refine(({ since, until }) => until === undefined || until === null || since <= until, {
    path: ["until"],
    message: "must not be before since",
  })
  .transform(({ since, until, statuses, dry_run }) => {
    return { since, until: until ?? null, statuses: statuses ?? RECOVERABLE, dryRun: dry_run ?? false };
  });
