import { z } from "zod";
import { AUDIT_ACTIONS } from "../audit-log";
import { pageSchema } from "./page";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";
import { ACTORS } from "./webhook-history";

const EXAMPLE_ID = "aud_01M817CNB7V4H6F9S3K5P8R1GT";

/** A part of a thing: which fields it has depends on what it is of. */
const told = z.record(z.string(), z.unknown()).nullable();

export const auditEntrySchema = z
  .object({
    id: shownId(EXAMPLE_ID),
    at: shownInstant,
    tenant_id: shownId(EXAMPLE_IDS.tenant).nullable().describe("Whose thing it is. Null: it spans tenants."),
    actor: z.object({ kind: z.enum(ACTORS), key_id: z.string().nullable().describe("The API key that was used.") }),
    action: z.enum(AUDIT_ACTIONS),
    resource_id: shownId(EXAMPLE_IDS.webhook),
    before: told.describe("What it was, of a change as far as that changed it. Null: there was nothing to tell."),
    after: told.describe("What it is since, likewise."),
  })
  .meta({
    id: "AuditEntry",
    description: "One change, and who made it. No secrets; of headers only the names.",
    examples: [
      {
        id: EXAMPLE_ID,
        at: "2026-04-17T12:34:56.789Z",
        tenant_id: EXAMPLE_IDS.tenant,
        actor: { kind: "api_key", key_id: EXAMPLE_IDS.api_key },
        action: "webhook.changed",
        resource_id: EXAMPLE_IDS.webhook,
        before: { max_per_second: null },
        after: { max_per_second: 100 },
      },
    ],
  });

export const auditPageSchema = pageSchema(auditEntrySchema, "AuditPage");
