import { z } from "zod";
import { pageSchema } from "./page";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

/** What can happen to a webhook. Source: contract §4. */
export const HISTORY_ACTIONS = [
  "created",
  "changed",
  "warned",
  "disabled",
  "enabled",
  "recovered",
  "secret_rotated",
] as const;

/** Who does things: a person with the admin token or an API key, or waggle by its own judgement. */
export const ACTORS = ["operator", "api_key", "waggle"] as const;

export const historyEntrySchema = z
  .object({
    id: shownId(EXAMPLE_IDS.history),
    at: shownInstant,
    action: z.enum(HISTORY_ACTIONS),
    by: z.object({ kind: z.enum(ACTORS), key_id: z.string().nullable().describe("The API key that was used.") }),
    details: z.record(z.string(), z.unknown()).describe("What was changed, or the evidence."),
  })
  .meta({
    id: "WebhookHistoryEntry",
    description: "One thing that happened to a webhook.",
    examples: [
      {
        id: EXAMPLE_IDS.history,
        at: "2026-04-17T12:34:56.789Z",
        action: "changed",
        by: { kind: "api_key", key_id: EXAMPLE_IDS.api_key },
        details: { max_per_second: { before: null, after: 100 } },
      },
    ],
  });

export const historyPageSchema = pageSchema(historyEntrySchema, "WebhookHistoryPage");
