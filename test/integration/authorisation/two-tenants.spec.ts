import { ADMIN_TOKEN } from "../manage/running-health";
import { type Arena, openArena } from "./arena";
import { type Attack, attacksOn } from "./attacks";
import { type Call, type Door, type Outcome, told } from "./call";
import type { PopulatedTenant } from "./populated-tenant";
import { idsOf, rowsWith, shownOf } from "./state-of";

jest.setTimeout(600_000);

let arena: Arena;
let attacker: PopulatedTenant;
let victim: PopulatedTenant;

beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.stop());
beforeEach(async () => {
  [attacker, victim] = [await arena.tenant(), await arena.tenant()];
});

function doorAt(at: number): Door {
  const door = arena.doors[at];
  if (!door) throw new Error("there are two doors");
  return door;
}

/** All there is of a tenant, but for what another has made of its words for itself. */
async function stateOf(tenant: PopulatedTenant, other: PopulatedTenant): Promise<string[]> {
  const besides = await idsOf(arena.databaseUrl, other.id);
  const rows = await rowsWith(arena.databaseUrl, tenant.words, besides);
  return [...rows, ...(await shownOf(doorAt(0), tenant, ADMIN_TOKEN))];
}

interface Sides {
  readonly attacker: PopulatedTenant;
  readonly victim: PopulatedTenant;
}

/** What was told, or answered otherwise than it must be. */
async function successesOf(door: Door, sides: Sides, wanted: (attack: Attack) => boolean): Promise<string[]> {
  const successes: string[] = [];
  for (const operation of door.operations) {
    for (const attack of attacksOn(operation, sides.attacker, sides.victim).filter(wanted)) {
      const success = await successOf(door, sides, attack);
      if (success !== null) successes.push(success);
    }
  }
  return successes;
}

/** Null: it came to nothing, and told nothing. */
async function successOf(door: Door, sides: Sides, { call, twin, code }: Attack): Promise<string | null> {
  const outcome = await door.ask(call, sides.attacker.key);
  const unknown = await door.ask(twin, sides.attacker.key);
  if (!outcome || !unknown) return null;
  const wanted = call.operation.operatorOnly ? "insufficient_scope" : code;
  if (wanted !== null && outcome.code !== wanted) return `${told(call)}: ${outcome.code}, not ${wanted}`;
  const leaked = leakedBy(outcome, call, sides.victim.marks);
  if (leaked) return `${told(call)} tells ${leaked}: ${outcome.said}`;
  const isSame = isRead(call) || outcome.code !== null ? outcome.said === unknown.said : outcome.code === unknown.code;
  return isSame ? null : `${told(call)}\n${outcome.said}\nis not answered as ${told(twin)}\n${unknown.said}`;
}

/** What the attacker did not say itself. */
function leakedBy({ said }: Outcome, call: Call, marks: readonly string[]): string | undefined {
  const sent = told(call);
  return marks.find((mark) => said.includes(mark) && !sent.includes(mark));
}

function isRead({ operation }: Call): boolean {
  return operation.method === "GET";
}

describe.each([
  ["HTTP", 0],
  ["gRPC", 1],
])("over %s", (_, at) => {
  test("one tenant can neither see, change nor find out anything of another", async () => {
    const door = doorAt(at);
    const before = await stateOf(victim, attacker);
    expect(before.length).toBeGreaterThan(30);
    expect(await successesOf(door, { attacker, victim }, () => true)).toEqual([]);
    expect(await stateOf(victim, attacker)).toEqual(before);
  });
});

test("two tenants that attack each other at once come to nothing either", async () => {
  const before = [await stateOf(victim, attacker), await stateOf(attacker, victim)];
  const named = ({ code }: Attack) => code !== null;
  const successes = await Promise.all([
    successesOf(doorAt(0), { attacker, victim }, named),
    successesOf(doorAt(1), { attacker: victim, victim: attacker }, named),
  ]);
  expect(successes.flat()).toEqual([]);
  expect([await stateOf(victim, attacker), await stateOf(attacker, victim)]).toEqual(before);
});

test("two tenants that use one idempotency key at once get each its own", async () => {
  const headers = { "idempotency-key": "chosen by two" };
  const body = { url: "https://api.acme.com/", events: ["*"] };
  const created = await Promise.all(
    [attacker, victim].map(({ key }) => arena.health.ask("POST", "/v1/webhooks", { token: key, body, headers })),
  );
  expect(created.map(({ status, body: { tenant_id } }) => [status, tenant_id])).toEqual([
    [201, attacker.id],
    [201, victim.id],
  ]);
  const [ids, secrets] = [created.map(({ body: { id } }) => id), created.map(({ body: { secret } }) => secret)];
  expect([new Set(ids).size, new Set(secrets).size]).toEqual([2, 2]);
});
