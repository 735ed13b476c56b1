import { ADMIN_TOKEN } from "../manage/running-health";
import { sql } from "../manage/sql";
import { type Arena, openArena } from "./arena";
import { type Door, told } from "./call";
import { callsOn } from "./calls";
import type { Operation } from "./operations";
import type { PopulatedTenant } from "./populated-tenant";

jest.setTimeout(300_000);

let arena: Arena;
let tenant: PopulatedTenant;

beforeAll(async () => {
  arena = await openArena();
  tenant = await arena.tenant();
});
afterAll(() => arena?.stop());

const DOORS = [0, 1].map((at) => [["HTTP", "gRPC"][at] ?? "", at] as const);

function doorAt(at: number): Door {
  const door = arena.doors[at];
  if (!door) throw new Error("there are two doors");
  return door;
}

/** What comes of what should not be answered, and was answered otherwise than with `code`. */
async function answeredOtherwise(door: Door, token: string | null, code: (operation: Operation) => string) {
  const wrong: string[] = [];
  for (const operation of door.operations) {
    for (const call of callsOn(operation, tenant)) {
      const outcome = await door.ask(call, token);
      if (outcome?.code !== code(operation)) wrong.push(`${told(call)}: ${outcome?.code}`);
      if (tenant.marks.some((mark) => outcome?.said.includes(mark)))
        wrong.push(`${told(call)} tells: ${outcome?.said}`);
    }
  }
  return wrong;
}

async function endedKey(column: string): Promise<string> {
  const key = await arena.health.key(tenant.id, ["manage", "publish"]);
  const [{ id } = { id: null }] = await sql(
    arena.databaseUrl,
    "SELECT id FROM api_keys WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1",
    [tenant.id],
  );
  if (column === "deleted") await arena.health.expect(204, "DELETE", `/v1/api-keys/${id}`);
  else await sql(arena.databaseUrl, "UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [id]);
  return key;
}

const NOBODY: readonly (readonly [string, () => Promise<string | null> | string | null])[] = [
  ["no token", () => null],
  ["a token of another kind", () => "not-a-token"],
  ["a key that never was", () => `wag_${"x".repeat(40)}`],
  ["half a key", () => tenant.key.slice(0, 20)],
  ["a key in other letters", () => tenant.key.toUpperCase()],
  ["a key's id", () => tenant.words[1] ?? ""],
  ["half the admin token", () => ADMIN_TOKEN.slice(0, 18)],
  ["a key that has expired", () => endedKey("expired")],
  ["a key that was deleted", () => endedKey("deleted")],
];

describe.each(DOORS)("over %s", (_, at) => {
  test.each(NOBODY)("no operation answers %s", async (_kind, token) => {
    expect(await answeredOtherwise(doorAt(at), await token(), () => "unauthorized")).toEqual([]);
  });

  test("no operation answers a key that may only publish", async () => {
    expect(await answeredOtherwise(doorAt(at), tenant.publisher, () => "insufficient_scope")).toEqual([]);
  });

  test.each([
    ["a tenant's own key", false],
    ["the admin token", true],
  ])("%s reaches whatever it may", async (_kind, isOperator) => {
    const door = doorAt(at);
    const own = await arena.tenant();
    const wrong: string[] = [];
    for (const operation of door.operations) {
      const mayNot = operation.operatorOnly && !isOperator;
      const codes: (string | null | undefined)[] = [];
      for (const call of callsOn(operation, own)) {
        const query = named(operation) ? { ...call.query, tenant_id: own.id } : call.query;
        codes.push((await door.ask({ ...call, query }, isOperator ? ADMIN_TOKEN : own.key))?.code);
      }
      const isRight = mayNot ? codes.every((code) => code === "insufficient_scope") : codes.some(isReached);
      if (!isRight) wrong.push(`${operation.id}: ${codes.join(", ")}`);
    }
    expect(wrong).toEqual([]);
  });
});

function named({ parameters }: Operation): boolean {
  return parameters.some(({ name }) => name === "tenant_id");
}

/** Done, or not done for what it is: but not for who asks. */
function isReached(code: string | null | undefined): boolean {
  return code === null || ["conflict", "webhook_disabled", "kafka_unavailable"].includes(code ?? "");
}
