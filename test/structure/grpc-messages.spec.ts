import type { DescField, DescMessage } from "@bufbuild/protobuf";
import {
  apiKeyCreationSchema,
  apiKeySchema,
  attemptsQuerySchema,
  auditEntrySchema,
  auditQuerySchema,
  deliveryDetailSchema,
  deliverySearchSchema,
  eventExplanationSchema,
  eventSchema,
  filterPreviewSchema,
  historyEntrySchema,
  inboundAddressCreationSchema,
  inboundAddressSchema,
  inboundMessageSchema,
  inboundMessageSearchSchema,
  inboundMessageSummarySchema,
  incidentStateSchema,
  liveAttemptSchema,
  liveQuerySchema,
  pageQuerySchema,
  previewSchema,
  recoverySchema,
  recoveryStartSchema,
  secretRotationSchema,
  tenantChangeSchema,
  tenantPageQuerySchema,
  tenantSchema,
  timelineEntrySchema,
  webhookAttemptSchema,
  webhookChangeSchema,
  webhookHealthSchema,
  webhookSchema,
  webhookSecretSchema,
} from "@waggle/contracts";
import { z } from "zod";
import { messageNamed } from "../../apps/health/src/in/grpc/schema";

/** A part of a JSON Schema, as far as it says which fields there are. */
interface Shape {
  readonly $ref?: string;
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}

/** The names of all fields, those of objects within by their path. A map's keys are no fields. */
function namesInSchema(schema: z.ZodType, io: "input" | "output"): string[] {
  const whole = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  const definitions: Readonly<Record<string, Shape>> = (whole.$defs ?? {}) as Record<string, Shape>;
  const visit = (shape: Shape): string[] => {
    if (shape.$ref) return visit(definitions[shape.$ref.replace("#/$defs/", "")] ?? {});
    const { properties = {}, items, anyOf = [] } = shape;
    const own = Object.entries(properties).flatMap(([name, inner]) => [
      name,
      ...visit(inner).map((path) => `${name}.${path}`),
    ]);
    return [...own, ...(items ? visit(items) : []), ...anyOf.flatMap(visit)];
  };
  return [...new Set(visit(whole as Shape))].toSorted();
}

function namesInMessage(message: DescMessage): string[] {
  const within = ({ message: inner, fieldKind, name }: DescField) =>
    inner && fieldKind !== "map" && inner.file.proto.package === "waggle.v1"
      ? namesInMessage(inner).map((path) => `${name}.${path}`)
      : [];
  return message.fields.flatMap((field) => [field.name, ...within(field)]).toSorted();
}

/** What HTTP says with its path, its headers, or the keys of a map. */
const ELSEWHERE = /^(id|tenant_id|etag|update_mask|webhook|tenant|email_id)$/;
const IN_MAPS = /(^|[.])(data|details|before|after|headers|attempts[.](24h|7d))[.]|[.](24h|7d)$/;

describe("what gRPC answers has the fields of what HTTP answers", () => {
  it.each<[string, z.ZodType]>([
    ["Tenant", tenantSchema],
    ["ApiKey", apiKeySchema],
    ["Webhook", webhookSchema],
    ["WebhooksGetSecretResponse", webhookSecretSchema],
    ["WebhookHealth", webhookHealthSchema],
    ["WebhookAttempt", webhookAttemptSchema],
    ["HistoryEntry", historyEntrySchema],
    ["AuditEntry", auditEntrySchema],
    ["Delivery", deliveryDetailSchema],
    ["Recovery", recoverySchema],
    ["Event", eventSchema],
    ["EventsExplainResponse", eventExplanationSchema],
    ["TimelineEntry", timelineEntrySchema],
    ["WebhooksPreviewResponse", filterPreviewSchema],
    ["InboundAddress", inboundAddressSchema],
    ["InboundMessageSummary", inboundMessageSummarySchema],
    ["InboundMessage", inboundMessageSchema],
    ["IncidentsGetResponse", incidentStateSchema],
    ["LiveAttempt", liveAttemptSchema],
  ])("%s", (name, schema) => {
    const answered = namesInSchema(schema, "output").filter((path) => !IN_MAPS.test(path));
    const fields = namesInMessage(messageNamed(`waggle.v1.${name}`)).filter((path) => !IN_MAPS.test(path));
    expect(fields).toEqual(answered);
  });
});

describe("what gRPC is asked has the fields of what HTTP is asked", () => {
  it.each<[string, ...z.ZodType[]]>([
    ["TenantSettings", tenantChangeSchema],
    ["TenantsListRequest", pageQuerySchema],
    ["TenantsCreateApiKeyRequest", apiKeyCreationSchema],
    ["TenantsListApiKeysRequest", tenantPageQuerySchema],
    ["WebhookSettings", webhookChangeSchema],
    ["WebhooksListRequest", tenantPageQuerySchema],
    ["WebhooksListAttemptsRequest", attemptsQuerySchema],
    ["WebhooksListHistoryRequest", tenantPageQuerySchema],
    ["WebhooksRotateSecretRequest", secretRotationSchema],
    ["WebhooksPreviewRequest", previewSchema],
    ["WebhooksRecoverRequest", recoveryStartSchema],
    ["DeliveriesListRequest", deliverySearchSchema],
    ["DeliveriesWatchRequest", liveQuerySchema],
    ["InboundCreateAddressRequest", inboundAddressCreationSchema],
    ["InboundListAddressesRequest", tenantPageQuerySchema],
    ["InboundListMessagesRequest", inboundMessageSearchSchema],
    ["AuditLogListRequest", auditQuerySchema],
  ])("%s", (name, schema) => {
    const relevant = (names: readonly string[]) => names.filter((path) => !ELSEWHERE.test(path));
    const asked = relevant(namesInSchema(schema, "input")).filter((path) => !IN_MAPS.test(path));
    expect(relevant(namesInMessage(messageNamed(`waggle.v1.${name}`)))).toEqual(asked);
  });
});
