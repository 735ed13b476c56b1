import { liveAttemptSchema, problemSchema } from "@waggle/contracts";
import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponseObject } from "zod-openapi";
import { ANSWER_HEADERS, answerHeaders, RATE_HEADERS, requestHeaders } from "./headers";
import { type Answer, type Operation, TAGS } from "./operation";
import { API_KEY_OPERATIONS } from "./operations/api-keys";
import { AUDIT_LOG_OPERATIONS } from "./operations/audit-log";
import { DELIVERY_OPERATIONS } from "./operations/deliveries";
import { EVENT_OPERATIONS } from "./operations/events";
import { INBOUND_ADDRESS_OPERATIONS } from "./operations/inbound-addresses";
import { INBOUND_MESSAGE_OPERATIONS } from "./operations/inbound-messages";
import { INCIDENT_OPERATIONS } from "./operations/incident";
import { TENANT_OPERATIONS } from "./operations/tenants";
import { WEBHOOK_INSIGHT_OPERATIONS } from "./operations/webhook-insights";
import { WEBHOOK_OPERATIONS } from "./operations/webhooks";
import { PATH_IDS } from "./path-ids";
import { problemAnswers } from "./problems";
import { publicSchema, writtenQuery } from "./public-schema";

const OPERATIONS: readonly Operation[] = [
  ...TENANT_OPERATIONS,
  ...API_KEY_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...WEBHOOK_INSIGHT_OPERATIONS,
  ...DELIVERY_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...INBOUND_ADDRESS_OPERATIONS,
  ...INBOUND_MESSAGE_OPERATIONS,
  ...INCIDENT_OPERATIONS,
  ...AUDIT_LOG_OPERATIONS,
];

const DESCRIPTION = `What people and programs manage webhooks with. JSON, snake_case, times in RFC 3339 and UTC.

**Who asks.** An API key with scope \`manage\` sees and changes what belongs to its own tenant; the operator's admin token everything, and names the tenant with \`?tenant_id=\` where something is created. Another tenant's id is answered like one that never was: 404.

**Errors** are \`application/problem+json\` (RFC 9457); decide by \`code\`. Unknown fields are refused. A method that a path does not know is answered 405 with \`Allow\`.

**Repeating.** A creating POST with an \`Idempotency-Key\` can be sent again without happening twice. \`If-Match\` keeps a change from being made to a webhook that somebody else changed.

**Lists** go on with \`?cursor=\` until \`next_cursor\` is null.`;

/** The management API as OpenAPI 3.1. Made of the schemas that judge requests and type answers. */
export function openApiDocument(version: string) {
  const problems = problemAnswers();
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationObject(operation, problems) };
  }
  return createDocument(
    {
      openapi: "3.1.1",
      info: {
        title: "waggle management API",
        version,
        description: DESCRIPTION,
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: "/" }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      security: [{ api_key: [] }, { operator: [] }],
      paths,
      components: {
        schemas: { Problem: problemSchema, LiveAttempt: liveAttemptSchema },
        headers: ANSWER_HEADERS,
        securitySchemes: {
          api_key: {
            type: "http",
            scheme: "bearer",
            bearerFormat: "wag_…",
            description: "An API key with scope `manage`.",
          },
          operator: { type: "http", scheme: "bearer", description: "`ADMIN_TOKEN`." },
        },
      },
    },
    { override: publicSchema },
  );
}

function operationObject(operation: Operation, problems: ReturnType<typeof problemAnswers>): ZodOpenApiOperationObject {
  const { id, tag, summary, description, operatorOnly = false, ids = {}, query, body, repeatable } = operation;
  const headers = [...(operation.headers ?? []), ...(repeatable ? (["Idempotency-Key"] as const) : [])];
  const answers = Object.entries(operation.answers).map(([status, answer]) => [
    status,
    answerObject(answer, repeatable),
  ]);
  const path = Object.entries(ids).map(([name, kind]) => [name, PATH_IDS[kind]]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(operatorOnly ? { security: [{ operator: [] }] } : {}),
    requestParams: {
      ...(path.length === 0 ? {} : { path: z.object(Object.fromEntries(path)) }),
      ...(query ? { query: writtenQuery(query) } : {}),
      ...requestHeaders(headers),
    },
    ...(body
      ? { requestBody: { required: body.required, content: { "application/json": { schema: body.schema } } } }
      : {}),
    responses: { ...Object.fromEntries(answers), ...problems(operation) },
  };
}

function answerObject(answer: Answer, repeatable = false): ZodOpenApiResponseObject {
  const { description, schema, mediaType } = answer;
  const replayed = repeatable ? (["Idempotency-Replayed"] as const) : [];
  return {
    description,
    headers: answerHeaders([...(answer.headers ?? []), ...replayed, ...RATE_HEADERS]),
    ...(schema ? { content: { [mediaType ?? "application/json"]: { schema } } } : {}),
  };
}
