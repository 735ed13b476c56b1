import { z } from "zod";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

/** Who or what ended an incident: half of its webhooks succeeded, a day went by, or the operator. */
export const INCIDENT_ENDS = ["recovered", "time", "operator"] as const;

const incidentSchema = z
  .object({
    id: shownId(EXAMPLE_IDS.incident),
    began_at: shownInstant.describe("When the first of its webhooks began to fail."),
    opened_at: shownInstant,
    webhooks: z.int().nonnegative().describe("How many are in it."),
    recovered: z.int().nonnegative().describe("How many of them have succeeded since."),
    closed_at: shownInstant.nullable(),
    closed_by: z.enum(INCIDENT_ENDS).nullable(),
  })
  .meta({ id: "Incident", description: "Many webhooks began to fail at once." });

export const incidentStateSchema = z
  .object({
    open: z.boolean().describe("While one is open no webhook is disabled for failing."),
    incident: incidentSchema.nullable().describe("The last one; null: there was none yet."),
  })
  .meta({
    id: "IncidentState",
    description: "The last incident, and whether it is open.",
    examples: [
      {
        open: true,
        incident: {
          id: EXAMPLE_IDS.incident,
          began_at: "2026-04-17T12:30:00.000Z",
          opened_at: "2026-04-17T12:34:56.789Z",
          webhooks: 40,
          recovered: 3,
          closed_at: null,
          closed_by: null,
        },
      },
    ],
  });
