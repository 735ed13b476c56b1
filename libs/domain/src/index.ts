/**
 * The rules of waggle, pure: events and dialects, matching, the retry schedule, outcomes, when a webhook is
 * disabled, signing input.
 * Imports nothing; time, randomness and hashes are passed in.
 */
export { deliveryId, type Sha256Hex } from "./delivery-id";
export {
  allEventNames,
  BRAND_SIGNATURE_HEADER,
  DIALECTS,
  type Dialect,
  eventName,
  eventNamesIn,
  eventTypeOfName,
  SHARED_SECRET_BY_DEFAULT,
  subscribedTypes,
} from "./dialect";
export { disabledBy, type JudgedAttempt, type JudgedWebhook, saysGone } from "./disable-policy";
export {
  COMMON_DATA_FIELDS,
  type EmailEvent,
  EVENT_TYPES,
  type EventData,
  type EventType,
  OUTBOUND_EVENT_TYPES,
  type OutboundEventType,
  TYPE_DATA_FIELDS,
} from "./event";
export {
  disableAfterS,
  disableAt,
  type FailureEvidence,
  type FailureSignal,
  type FailureStreak,
  judgeFailures,
  type Warned,
} from "./failure-judgement";
export {
  type AttachmentInfo,
  type HeaderField,
  type InboundEvent,
  type InboundMessage,
  inboundAddress,
  inboundHashOf,
  PARSE_ERRORS,
  type ParseError,
  UNREADABLE_MESSAGE,
} from "./inbound";
export { INCIDENT, type IncidentState, incidentBegan, incidentEnd } from "./incident";
export { toUtcInstant, wholeSecondInstant } from "./instant";
export { MISMATCHES, type Mismatch, mismatch, type SubscriptionFilter } from "./matching";
export {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  EXHAUSTED_REASONS,
  type ExhaustedReason,
  type NextStep,
  nextStep,
  SKIPPED_REASONS,
  type SkippedReason,
} from "./next-step";
export {
  ATTEMPT_ERRORS,
  type AttemptError,
  type AttemptResult,
  classify,
  type Outcome,
} from "./outcome";
export { renderBody } from "./render/render-body";
export { renderInbound } from "./render/render-inbound";
export { sampleEvent } from "./sample-event";
export { sampleInbound } from "./sample-inbound";
export {
  lifetimeEndsAt,
  RETRY_DELAYS_S,
  retryDelays,
  scaledMs,
  TIER_SECONDS,
  TIERS,
  type Tier,
  tierAtLeast,
  tierAtMost,
} from "./schedule";
export { brandEventHeaders, generatedSecret, isImportableSecret, standardKey, standardSignedPrefix } from "./signing";
export { ulid } from "./ulid";
export { type FieldError, WaggleError } from "./waggle-error";
export {
  DISABLED_REASONS,
  type DisabledReason,
  SECRET_OVERLAP_S,
  WEBHOOK_LIMITS,
  WEBHOOK_STATUSES,
  type WebhookStatus,
} from "./webhook";
