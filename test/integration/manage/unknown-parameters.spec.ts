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

interface Parameter {
  readonly in: string;
  readonly name: string;
}
type Item = Partial<Record<(typeof METHODS)[number], { readonly parameters?: readonly Parameter[] }>>;

const operations = Object.entries<Item>(openapi.paths).flatMap(([path, item]) =>
  METHODS.flatMap((method) => {
    const operation = item[method];
    if (operation === undefined) return [];
    const parameters = operation.parameters?.filter((parameter) => parameter.in === "query") ?? [];
    return [{ method, path, parameters: parameters.map(({ name }) => name) }];
  }),
);

/** Asks about nothing that is there. */
function ask({ method, path }: { method: string; path: string }, query: string, id = "nothing") {
  const body = method === "get" || method === "delete" ? {} : { body: {} };
  return health.ask(method.toUpperCase(), `${path.replaceAll(/\{\w+\}/g, id)}?${query}`, body);
}

it.each(operations)("$method $path refuses a parameter that it does not know", async (operation) => {
  const answer = await ask(operation, "nonsense=1");
  expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
  expect(wrongFields(answer)).toEqual(["/nonsense"]);
});

it.each(operations)("$method $path survives what no database could look for", async (operation) => {
  const inPath = operation.path.includes("{") ? [""] : [];
  const queries = [...inPath, ...operation.parameters.map((name) => `${name}=%00`)];
  const answers = await Promise.all(queries.map((query) => ask(operation, query, "%00")));
  for (const { status } of answers) expect(status).toBeLessThan(500);
});

it.each(operations.filter(({ parameters }) => parameters.includes("tenant_id")))(
  "$method $path refuses a tenant that no database could look for",
  async (operation) => {
    const answer = await ask(operation, "tenant_id=%00");
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)).toEqual(["/tenant_id"]);
  },
);
