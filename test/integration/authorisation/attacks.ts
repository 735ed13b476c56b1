import type { Call } from "./call";
import { callsOn, parameter } from "./calls";
import type { Operation } from "./operations";
import type { PopulatedTenant } from "./populated-tenant";
import { unknownTwin } from "./unknown-twin";
import { bodiesWith, isText, valuesOf } from "./values";

/** Something that one tenant asks for with what it knows of another. */
export interface Attack {
  readonly call: Call;
  /** The same with what nobody has: must be answered alike. */
  readonly twin: Call;
  /** What it must be answered with; null: whatever is said to who names what nobody has. */
  readonly code: "not_found" | "validation_failed" | null;
}

/** All that `attacker` can try with an operation and what `victim` has: in path, query, headers and body. */
export function attacksOn(operation: Operation, attacker: PopulatedTenant, victim: PopulatedTenant): Attack[] {
  return [
    ...onPath(operation, victim),
    ...onTenant(operation, attacker, victim),
    ...onFilters(operation, attacker, victim),
    ...onBody(operation, attacker, victim),
  ];
}

function onPath(operation: Operation, victim: PopulatedTenant): Attack[] {
  return callsOn(operation, victim).flatMap((call) => {
    if (Object.keys(call.path).length === 0) return [];
    const twin = { ...call, path: mapped(call.path, unknownTwin) };
    const plain = { call, twin, code: "not_found" } as const;
    return [plain, ...conditionsOf(operation, victim).map((headers) => withHeaders(plain, headers))];
  });
}

/** `?tenant_id=` on what is the attacker's, and on what is not. */
function onTenant(operation: Operation, attacker: PopulatedTenant, victim: PopulatedTenant): Attack[] {
  if (!parameter(operation, "tenant_id")) return [];
  const calls = [...callsOn(operation, attacker), ...callsOn(operation, victim)];
  return calls.map((call) => ({
    call: { ...call, query: { ...call.query, tenant_id: victim.id } },
    twin: { ...call, query: { ...call.query, tenant_id: unknownTwin(victim.id) } },
    code: "not_found",
  }));
}

function onFilters(operation: Operation, attacker: PopulatedTenant, victim: PopulatedTenant): Attack[] {
  const filters = operation.parameters.filter(
    ({ in: where, name, schema }) => where === "query" && name !== "tenant_id" && isText(schema),
  );
  return callsOn(operation, attacker).flatMap((call) =>
    filters.flatMap((filter) =>
      valuesOf(filter, operation, victim.words).map((word) => ({
        call: { ...call, query: { ...call.query, [filter.name]: word } },
        twin: { ...call, query: { ...call.query, [filter.name]: unknownTwin(word) } },
        code: null,
      })),
    ),
  );
}

/** The victim's words where text is expected, and ids where none is. */
function onBody(operation: Operation, attacker: PopulatedTenant, victim: PopulatedTenant): Attack[] {
  if (operation.body === null) return [];
  return callsOn(operation, attacker).flatMap((call) => {
    const texts = victim.words.flatMap((word) => {
      const twins = bodiesWith(unknownTwin(word), operation);
      return bodiesWith(word, operation).map((body, index) => ({
        call: { ...call, body },
        twin: { ...call, body: twins[index] },
        code: null,
      }));
    });
    const body = { ...call.body, tenant_id: victim.id };
    const twin = { ...call.body, tenant_id: unknownTwin(victim.id) };
    return [...texts, { call: { ...call, body }, twin: { ...call, body: twin }, code: null }];
  });
}

/** The victim's own header by header. */
function conditionsOf(operation: Operation, victim: PopulatedTenant): Record<string, string>[] {
  const headers = operation.parameters.filter(({ in: where }) => where === "header");
  return headers.map(({ name }) => {
    const value = victim.headers[name];
    if (value === undefined) throw new Error(`the header ${name} of ${operation.id}: teach populated-tenant.ts`);
    return { [name]: value };
  });
}

function withHeaders({ call, twin, code }: Attack, headers: Record<string, string>): Attack {
  return { call: { ...call, headers }, twin: { ...twin, headers }, code };
}

function mapped(record: Readonly<Record<string, string>>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
