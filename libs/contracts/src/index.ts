/** What crosses a wire: topics, record codecs, HTTP problems and schemas. Only `libs/domain` and zod below it. */
export {
  type AttemptRecord,
  CIRCUIT_STATES,
  type CircuitState,
  type DeliveryState,
  decodeAttempt,
  encodeAttempt,
  endId,
  type HttpTry,
} from "./attempt";
export { encodeDeadLetter } from "./dead-letter";
export { DEAD_LETTER_CODES, type DeadLetterCode, DecodeError } from "./decode-error";
export {
  type DeliveryIdentity,
  type DeliveryRecord,
  decodeDelivery,
  encodeDelivery,
  PARK_REASONS,
  type ParkReason,
} from "./delivery";
export {
  type ApiKeyEntry,
  type DeletedEntry,
  type DeliveryRoundEntry,
  type DirectoryEntry,
  type DirectoryKind,
  type DirectoryRecord,
  decodeDirectoryRecord,
  encodeDirectoryRecord,
  type InboundEntry,
  type SealedSecret,
  type TenantEntry,
  type WebhookEntry,
} from "./directory";
export {
  decodeEmailEvent,
  encodeEmailEvent,
  encodePublication,
  publishingKey,
  withPublishingKey,
} from "./email-event";
export { fieldErrors, jsonPointer } from "./field-errors";
export {
  decodeInboundMail,
  encodeInboundMail,
  INBOUND_DOORS,
  type InboundDoor,
  type InboundMail,
  MAX_MAIL_BYTES,
} from "./inbound";
export { type ApiKeyCreation, apiKeyCreationSchema, type Scope } from "./management/api-keys";
export { AUDIT_ACTIONS, type AuditAction, type AuditQuery, auditQuerySchema } from "./management/audit-log";
export { ATTEMPT_RESULTS, attemptsQuerySchema, deliverySearchSchema, liveQuerySchema } from "./management/deliveries";
export { inboundAddressCreationSchema } from "./management/inbound-addresses";
export { inboundMessageSearchSchema } from "./management/inbound-messages";
export { isInOrder, NOT_IN_ORDER } from "./management/instant";
export { RECOVERABLE, recoveryStartSchema } from "./management/recoveries";
export {
  emptyBodySchema,
  emptyQuerySchema,
  pageQuerySchema,
  tenantPageQuerySchema,
  tenantQuerySchema,
} from "./management/requests";
export { secretRotationSchema } from "./management/secret-rotation";
export { type TenantChange, type TenantCreation, tenantChangeSchema, tenantCreationSchema } from "./management/tenants";
export { understood } from "./management/text";
export { apiKeyPageSchema, apiKeySchema, createdApiKeySchema } from "./management/views/api-key";
export { auditEntrySchema, auditPageSchema } from "./management/views/audit-entry";
export {
  attemptSchema,
  deliveryDetailSchema,
  deliveryPageSchema,
  deliverySchema,
  webhookAttemptPageSchema,
  webhookAttemptSchema,
} from "./management/views/delivery";
export {
  eventDeliverySchema,
  eventExplanationSchema,
  eventOutcomeSchema,
  eventSchema,
  filterPreviewSchema,
  timelineEntrySchema,
  timelinePageSchema,
} from "./management/views/event";
export { inboundAddressPageSchema, inboundAddressSchema } from "./management/views/inbound-address";
export {
  inboundMessagePageSchema,
  inboundMessageSchema,
  inboundMessageSummarySchema,
} from "./management/views/inbound-message";
export { INCIDENT_ENDS, incidentStateSchema } from "./management/views/incident";
export { liveAttemptSchema } from "./management/views/live-attempt";
export { problemSchema } from "./management/views/problem";
export { CANCEL_REASONS, RECOVERY_STATUSES, recoverySchema, recoveryTrialSchema } from "./management/views/recovery";
export { EXAMPLE_IDS, type Shown } from "./management/views/shown";
export { tenantPageSchema, tenantSchema } from "./management/views/tenant";
export {
  createdWebhookSchema,
  rotatedSecretSchema,
  webhookPageSchema,
  webhookSchema,
  webhookSecretSchema,
} from "./management/views/webhook";
export { webhookHealthSchema } from "./management/views/webhook-health";
export { ACTORS, HISTORY_ACTIONS, historyEntrySchema, historyPageSchema } from "./management/views/webhook-history";
export { webhookTestQuerySchema, webhookTestSchema } from "./management/webhook-tests";
export {
  previewSchema,
  type SubscribedEvent,
  type WebhookChange,
  type WebhookCreation,
  webhookChangeSchema,
  webhookCreationSchema,
} from "./management/webhooks";
export { PROBLEM_CODES, PROBLEMS, type Problem, type ProblemCode, problem } from "./problem";
export {
  isJsonObject,
  jsonBytes,
  PUBLISH_LIMITS,
  type PublishedData,
  type PublishedEvent,
  publishedDataSchema,
  publishedEventSchema,
  publishedType,
} from "./publish-request";
export {
  DEAD_LETTERS,
  DELIVERY_TOPICS,
  EMAIL_EVENTS,
  EMAIL_INBOUND,
  MAX_BODY_BYTES,
  PARTITIONS,
  TIER_TOPICS,
  TOPICS,
  type TopicSpec,
  tierOfTopic,
  WEBHOOK_ATTEMPTS,
  WEBHOOK_DELIVERIES,
  WEBHOOK_DIRECTORY,
} from "./topics";
export type { ReceivedRecord, WireRecord } from "./wire-record";
