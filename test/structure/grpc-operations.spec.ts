import { z } from "zod";
import { methodAt, REGISTRY } from "../../apps/health/src/in/grpc/schema";
import { textOf } from "./repository-files";
import { RPC_OF_OPERATION } from "./rpc-of-operation";

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

  expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(RPC_OF_OPERATION).toSorted());
  expect(described.map(({ parent, name }) => `${parent.name}/${name}`).toSorted()).toEqual(
    Object.values(RPC_OF_OPERATION).toSorted(),
  );
});

it.each(operations)("takes every parameter of $operationId over gRPC", ({ operationId, parameters }) => {
  const { input } = methodAt(`/waggle.v1.${RPC_OF_OPERATION[operationId]}`);
  const wanted = parameters.map(({ name }) => (name in HEADERS ? HEADERS[name] : name)).filter((name) => name !== null);

  expect(input.fields.map(({ name }) => name)).toEqual(expect.arrayContaining(wanted));
});
