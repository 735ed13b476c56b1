import { z } from "zod";
import { RECOVERABLE } from "../recoveries";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

export const RECOVERY_STATUSES = ["running", "done", "cancelled"] as const;
export const CANCEL_REASONS = ["by_request", "webhook_disabled"] as const;

const count = z.int().nonnegative();

const selection = {
  webhook_id: shownId(EXAMPLE_IDS.webhook),
  since: shownInstant.describe("Accepted at or after this."),
  until: shownInstant.describe("Accepted before this."),
  statuses: z.array(z.enum(RECOVERABLE)),
};

const SELECTION_EXAMPLE = {
  webhook_id: EXAMPLE_IDS.webhook,
  since: "2026-04-17T00:00:00.000Z",
  until: "2026-04-17T12:34:56.789Z",
  statuses: [...RECOVERABLE],
};

/** A job that begins a new round of deliveries a webhook missed. Source: contract §4. */
export const recoverySchema = z
  .object({
    id: shownId(EXAMPLE_IDS.recovery),
    ...selection,
    dry_run: z.literal(false),
    status: z.enum(RECOVERY_STATUSES),
    reason: z.enum(CANCEL_REASONS).nullable().describe("Why it was cancelled, else null."),
    matched: count.describe("How many there were when it began."),
    requeued: count.describe("How many have a new round."),
    unrecoverable: count.describe("How many were passed over: neither their body nor their event is kept."),
    created_at: shownInstant,
    finished_at: shownInstant.nullable(),
  })
  .meta({
    id: "Recovery",
    description: "A job that sends again what a webhook missed.",
    examples: [
      {
        id: EXAMPLE_IDS.recovery,
        ...SELECTION_EXAMPLE,
        dry_run: false,
        status: "running",
        reason: null,
        matched: 1_200,
        requeued: 400,
        unrecoverable: 0,
        created_at: "2026-04-17T12:34:56.789Z",
        finished_at: null,
      },
    ],
  });

/** With `dry_run`: what a recovery would find. */
export const recoveryTrialSchema = z
  .object({ id: z.null(), ...selection, dry_run: z.literal(true), matched: count })
  .meta({
    id: "RecoveryTrial",
    description: "What a recovery would find; nothing was begun.",
    examples: [{ id: null, ...SELECTION_EXAMPLE, dry_run: true, matched: 1_200 }],
  });
