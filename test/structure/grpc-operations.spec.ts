import { z } from "zod";
import { methodAt, REGISTRY } from "../../apps/health/src/in/grpc/schema";
import { textOf } from "./repository-files";

/** Every operation of HTTP, by its id in docs/openapi.json, and what it is called over gRPC. */
const METHODS: Readonly<Record<string, string>> = {
  createTenant: "Tenants/Create",
  listTenants: "Tenants/List",
  getTenant: "Tenants/Get",
  changeTenant: "Tenants/Update",
  deleteTenant: "Tenants/Delete",
  createApiKey: "Tenants/CreateApiKey",
  listApiKeys: "Tenants/ListApiKeys",
  getApiKey: "Tenants/GetApiKey",
  deleteApiKey: "Tenants/DeleteApiKey",
  createWebhook: "Webhooks/Create",
  listWebhooks: "Webhooks/List",
  getWebhook: "Webhooks/Get",
  changeWebhook: "Webhooks/Update",
  deleteWebhook: "Webhooks/Delete",
  enableWebhook: "Webhooks/Enable",
  disableWebhook: "Webhooks/Disable",
  getWebhookSecret: "Webhooks/GetSecret",
  rotateWebhookSecret: "Webhooks/RotateSecret",
  testWebhook: "Webhooks/Test",
  getWebhookHealth: "Webhooks/GetHealth",
  listWebhookAttempts: "Webhooks/ListAttempts",
  listWebhookHistory: "Webhooks/ListHistory",
  recoverWebhook: "Webhooks/Recover",
  getRecovery: "Webhooks/GetRecovery",
  cancelRecovery: "Webhooks/CancelRecovery",
  previewFilter: "Webhooks/Preview",
  listDeliveries: "Deliveries/List",
  getDelivery: "Deliveries/Get",
  requeueDelivery: "Deliveries/Requeue",
  watchAttempts: "Deliveries/Watch",
  getEvent: "Events/Get",
  explainEvent: "Events/Explain",
  getEmailTimeline: "Events/GetTimeline",
  listAuditLog: "AuditLog/List",
  getIncident: "Incidents/Get",
  closeIncident: "Incidents/Close",
};

/** Headers that are a field, or that gRPC has in its metadata (null). */
const HEADERS: Readonly<Record<string, string | null>> = {
  "If-Match": "etag",
  "If-None-Match": null,
  "Idempotency-Key": null,
};

const parameterSchema = z.object({ name: z.string(), in: z.enum(["path", "query", "header"]) });
const operationSchema = z.object({ operationId: z.string(), parameters: z.array(parameterSchema).default([]) });
const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

const operations = Object.entries(documentSchema.parse(JSON.parse(textOf("docs/openapi.json"))).paths)
  .filter(([path]) => path.startsWith("/v1/"))
  .flatMap(([, methods]) => Object.values(methods))
  .flatMap((operation) => operationSchema.safeParse(operation).data ?? []);

it("has every operation of HTTP over gRPC, and no other", () => {
  const described = [...REGISTRY]
    .filter((type) => type.kind === "service" && type.file.proto.package === "waggle.v1")
    .flatMap((service) => (service.kind === "service" ? service.methods : []));

  expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(METHODS).toSorted());
  expect(described.map(({ parent, name }) => `${parent.name}/${name}`).toSorted()).toEqual(
    Object.values(METHODS).toSorted(),
  );
});

it.each(operations)("takes every parameter of $operationId over gRPC", ({ operationId, parameters }) => {
  const { input } = methodAt(`/waggle.v1.${METHODS[operationId]}`);
  const wanted = parameters.map(({ name }) => (name in HEADERS ? HEADERS[name] : name)).filter((name) => name !== null);

  expect(input.fields.map(({ name }) => name)).toEqual(expect.arrayContaining(wanted));
});
