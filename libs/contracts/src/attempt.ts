import {
  ATTEMPT_ERRORS,
  type AttemptError,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  DIALECTS,
  EVENT_TYPES,
  EXHAUSTED_REASONS,
  type ExhaustedReason,
  SKIPPED_REASONS,
  type SkippedReason,
} from "@waggle/domain";
import { z } from "zod";
import { checkedJson } from "./checked-json";
import type { DeliveryIdentity } from "./delivery";
import { WEBHOOK_ATTEMPTS } from "./topics";
import type { ReceivedRecord, WireRecord } from "./wire-record";

/** What a delivery became by an attempt, or by an end without one. Times in ms since the epoch. */
export interface DeliveryState {
  readonly status: DeliveryStatus;
  readonly reason: ExhaustedReason | SkippedReason | null;
  /** When the next attempt is due, null when none is. */
  readonly next_attempt_at: number | null;
}

export const CIRCUIT_STATES = ["closed", "open"] as const;
/** Whether a webhook's deliveries go out as they come, or wait while one at a time probes its receiver. */
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** One HTTP try as it went over the wire; header names in lower case, custom header values masked. */
export interface HttpTry {
  /** 1, 2, … within the round. */
  readonly number: number;
  readonly at: number;
  readonly duration_ms: number;
  readonly status_code: number | null;
  readonly error: AttemptError | null;
  readonly request_headers: Readonly<Record<string, string>>;
  readonly response_headers: Readonly<Record<string, string>>;
  /** At most 16 KiB, as UTF-8; null when there was no response. */
  readonly response_body: string | null;
  readonly response_truncated: boolean;
}

/**
 * The value of `webhook.attempts`: one HTTP try, or – `try` null – the end of a round without one (a skip, a lifetime
 * that ran out). It holds all that is needed to make the delivery's row, so topics may be read in any order.
 */
export interface AttemptRecord extends DeliveryIdentity {
  /** Unique per try, and the same on every replay: what keeps counts exact. */
  readonly try_id: string;
  readonly round: number;
  /** When it was decided; the time that judgements go by. */
  readonly recorded_at: number;
  /** The webhook version the try was made with. */
  readonly webhook_version: number;
  /** The webhook's circuit after it, null when who wrote the record does not know. */
  readonly circuit: CircuitState | null;
  readonly try: HttpTry | null;
  readonly state: DeliveryState;
}

/** The id of an end without a try: the same when the record that led to it is replayed. */
export function endId(end: { readonly delivery_id: string; readonly round: number; readonly reason: string }): string {
  return `end_${end.delivery_id}_${end.round}_${end.reason}`;
}

const headersSchema = z.record(z.string(), z.string());
const attemptSchema = z.object({
  delivery_id: z.string().min(1),
  event_id: z.string().min(1),
  webhook_id: z.string().min(1),
  tenant_id: z.string().min(1),
  event_type: z.enum(EVENT_TYPES),
  email_id: z.string(),
  recipient: z.string(),
  tags: z.array(z.string()),
  dialect: z.enum(DIALECTS),
  accepted_at: z.number(),
  publisher_id: z.boolean(),
  test: z.boolean(),
  try_id: z.string().min(1),
  round: z.number().int().positive(),
  recorded_at: z.number(),
  webhook_version: z.number(),
  circuit: z.enum(CIRCUIT_STATES).nullable(),
  try: z
    .object({
      number: z.number().int().positive(),
      at: z.number(),
      duration_ms: z.number(),
      status_code: z.number().int().nullable(),
      error: z.enum(ATTEMPT_ERRORS).nullable(),
      request_headers: headersSchema,
      response_headers: headersSchema,
      response_body: z.string().nullable(),
      response_truncated: z.boolean(),
    })
    .nullable(),
  state: z.object({
    status: z.enum(DELIVERY_STATUSES),
    reason: z.enum([...EXHAUSTED_REASONS, ...SKIPPED_REASONS]).nullable(),
    next_attempt_at: z.number().nullable(),
  }),
});

/** The record of one try, keyed by webhook so that one webhook's tries are folded in order. */
export function encodeAttempt(attempt: AttemptRecord): WireRecord {
  return { topic: WEBHOOK_ATTEMPTS, key: attempt.webhook_id, value: Buffer.from(JSON.stringify(attempt)) };
}

/** @throws DecodeError `undecodable` when the record is no attempt */
export function decodeAttempt(record: Pick<ReceivedRecord, "value">): AttemptRecord {
  return checkedJson<AttemptRecord>(record.value, attemptSchema);
}
