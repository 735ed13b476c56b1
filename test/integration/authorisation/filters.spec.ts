import { ADMIN_TOKEN } from "../manage/running-health";
import { type Arena, openArena } from "./arena";
import { type Call, told } from "./call";
import { callsOn, parameter } from "./calls";
import type { Operation } from "./operations";
import { type PopulatedTenant, SHARED } from "./populated-tenant";
import { isText, valuesOf } from "./values";

jest.setTimeout(600_000);

let arena: Arena;
let attacker: PopulatedTenant;
let victim: PopulatedTenant;

beforeAll(async () => {
  arena = await openArena();
  [attacker, victim] = [await arena.tenant(), await arena.tenant()];
});
afterAll(() => arena?.stop());

type Query = Readonly<Record<string, string>>;

/** Values of one filter each that pick something of the victim's. */
async function pickingOf(call: Call): Promise<Query[]> {
  const { operation } = call;
  const filters = operation.parameters.filter(
    ({ in: where, name }) => where === "query" && !["tenant_id", "limit", "cursor"].includes(name),
  );
  const picking: Query[] = [];
  for (const filter of filters) {
    const values = valuesOf(filter, operation, [...victim.words, "operator"]).map((value) => ({
      [filter.name]: value,
    }));
    const found: Query[] = [];
    for (const query of values) if (await picks({ ...call, query })) found.push(query);
    if (found.length === 0)
      throw new Error(`no ${filter.name} of ${operation.id} picks anything: teach populated-tenant.ts`);
    picking.push(...(isText(filter.schema) ? found : found.slice(0, 3)));
  }
  return picking;
}

async function picks(call: Call): Promise<boolean> {
  const outcome = await arena.doors[0]?.ask({ ...call, query: { ...call.query, tenant_id: victim.id } }, ADMIN_TOKEN);
  return victim.marks.some((mark) => outcome?.said.includes(mark));
}

const isList = (operation: Operation) => parameter(operation, "cursor") !== undefined && !operation.operatorOnly;
/** Lists that are about one thing are asked for the attacker's, and for what both tenants' publishers call alike. */
const callsOfList = (operation: Operation) =>
  callsOn(operation, { words: [...attacker.words, SHARED.email_id, SHARED.event_id] });

async function leaksOf(call: Call): Promise<string[]> {
  const leaks: string[] = [];
  for (const door of arena.doors) {
    const outcome = await door.ask(call, attacker.key);
    const mark = victim.marks.find((one) => outcome?.said.includes(one));
    if (mark !== undefined) leaks.push(`${door.name}: ${told(call)} tells ${mark}: ${outcome?.said}`);
  }
  return leaks;
}

test("no list tells anything of another tenant, by whatever filters that pick what it has", async () => {
  const leaks: string[] = [];
  let asked = 0;
  for (const operation of (arena.doors[0]?.operations ?? []).filter(isList)) {
    const [theirs] = callsOn(operation, victim);
    const picking = theirs ? await pickingOf(theirs) : [];
    const pairs = picking.flatMap((one, at) => picking.slice(at + 1).map((another) => ({ ...one, ...another })));
    for (const call of callsOfList(operation)) {
      for (const query of [{}, ...picking, ...pairs, Object.assign({}, ...picking)]) {
        leaks.push(...(await leaksOf({ ...call, query })));
        asked += 1;
      }
    }
  }
  expect(leaks).toEqual([]);
  expect(asked).toBeGreaterThan(100);
});

test("no list goes on in another tenant's from its cursors", async () => {
  const leaks: string[] = [];
  let followed = 0;
  for (const operation of (arena.doors[0]?.operations ?? []).filter(isList)) {
    for (const theirs of callsOn(operation, victim)) {
      const query = { tenant_id: victim.id, limit: "1" };
      const page = await arena.doors[0]?.ask({ ...theirs, query }, ADMIN_TOKEN);
      const cursor = /"next_cursor":"([^"]+)"/.exec(page?.said ?? "")?.[1];
      if (cursor === undefined) continue;
      followed += 1;
      for (const call of callsOfList(operation)) leaks.push(...(await leaksOf({ ...call, query: { cursor } })));
    }
  }
  expect(leaks).toEqual([]);
  expect(followed).toBeGreaterThan(4);
});

test("what two publishers call alike is shown to each as its own", async () => {
  for (const path of [`/v1/events/${SHARED.event_id}`, `/v1/emails/${SHARED.email_id}/timeline`]) {
    for (const [own, other] of [
      [attacker, victim],
      [victim, attacker],
    ] as const) {
      const { status, text } = await arena.health.ask("GET", path, { token: own.key });
      expect([status, text.includes(own.id)]).toEqual([200, true]);
      expect(other.marks.filter((mark) => text.includes(mark))).toEqual([]);
    }
  }
});
