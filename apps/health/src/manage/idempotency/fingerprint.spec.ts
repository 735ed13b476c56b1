import fc from "fast-check";
import { fingerprint } from "./fingerprint";

/** The same JSON with the members of its objects in another order. */
function turned(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, turned(member)]),
  );
}

it("does not depend on the order of members", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (input) => {
      expect(fingerprint("a", turned(input))).toBe(fingerprint("a", input));
    }),
  );
});

it.each<[string, unknown, string, unknown]>([
  ["another operation", { body: 1 }, "b", { body: 1 }],
  ["another value", { body: { a: 1 } }, "a", { body: { a: 2 } }],
  ["text for a number", { body: 1 }, "a", { body: "1" }],
  ["another order of a list", { body: [1, 2] }, "a", { body: [2, 1] }],
  ["null for nothing", { body: {} }, "a", { body: { tags: null } }],
  ["what is moved from the query to the body", { query: { a: 1 }, body: {} }, "a", { query: {}, body: { a: 1 } }],
  ["a member called __proto__", JSON.parse('{"__proto__":1}'), "a", {}],
])("tells %s", (_, input, operation, other) => {
  expect(fingerprint(operation, other)).not.toBe(fingerprint("a", input));
});
