import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth } from "./running-health";

const PAGE = readFileSync(join(__dirname, "../../../docs/management.md"), "utf8");

/** The code blocks that a comment in front of them names. */
const EXAMPLES = [...PAGE.matchAll(/<!-- (\w+) (\S+)(?: (\d+))? -->\n```json\n([\s\S]*?)\n```/g)].map(
  ([, method = "", path = "", status = "", text = ""]) => ({ method, path, status: Number(status), text }),
);

let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  tenant = await health.tenant();
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

it.each(EXAMPLES.filter(({ method }) => method === "POST"))(
  "$method $path answers as docs/management.md says",
  async (example) => {
    const token = example.path === "/v1/tenants" ? {} : { token: tenant.key };
    const answer = await health.ask(example.method, example.path, { ...token, body: JSON.parse(example.text) });
    expect(answer.status).toBe(example.status);
  },
);

it("shows a webhook as it is shown", async () => {
  const [posted, shown] = EXAMPLES.filter(({ path }) => path.startsWith("/v1/webhooks"));
  const body: unknown = JSON.parse(posted?.text ?? "");
  const { id } = await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body });
  const { body: webhook } = await health.ask("GET", `/v1/webhooks/${id}`, { token: tenant.key });
  const documented: Record<string, unknown> = JSON.parse(shown?.text ?? "");
  const { created_at, updated_at, etag } = documented;
  expect({ ...webhook, created_at, updated_at, etag, id: documented.id, tenant_id: documented.tenant_id }).toEqual(
    documented,
  );
  expect(Object.keys(webhook)).toEqual(Object.keys(documented));
});
