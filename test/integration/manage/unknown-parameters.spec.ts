import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import openapi from "../../../docs/openapi.json";
import { RunningHealth, wrongFields } from "./running-health";

let database: TestDatabase;
let health: RunningHealth;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

const METHODS = ["get", "post", "patch", "delete"] as const;

const operations = Object.entries(openapi.paths as Record<string, Record<string, { parameters?: unknown[] }>>).flatMap(
  ([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ method, path, parameters: JSON.stringify(operation.parameters ?? []) }];
    }),
);

/** Asks about nothing that is there. */
function ask({ method, path }: { method: string; path: string }, query: string) {
  const body = method === "get" || method === "delete" ? {} : { body: {} };
  return health.ask(method.toUpperCase(), `${path.replaceAll(/\{\w+\}/g, "nothing")}?${query}`, body);
}

it.each(operations)("$method $path refuses a parameter that it does not know", async (operation) => {
  const answer = await ask(operation, "nonsense=1");
  expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
  expect(wrongFields(answer)).toEqual(["/nonsense"]);
});

it.each(operations.filter(({ parameters }) => parameters.includes('"tenant_id"')))(
  "$method $path refuses a tenant that no database could look for",
  async (operation) => {
    const answer = await ask(operation, "tenant_id=%00");
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)).toEqual(["/tenant_id"]);
  },
);
