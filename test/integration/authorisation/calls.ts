import type { Call } from "./call";
import type { Operation } from "./operations";
import type { PopulatedTenant } from "./populated-tenant";
import { bodyOf, valuesOf } from "./values";

/** A test of a webhook is answered at once, not when it has ended. */
const AT_ONCE: Readonly<Record<string, string>> = { wait: "0" };

/** Calls of an operation that are as they should be, one for each way to fill its path with what a tenant has. */
export function callsOn(operation: Operation, { words }: Pick<PopulatedTenant, "words">): Call[] {
  const takes = operation.parameters.filter(({ in: where }) => where === "path");
  const paths = takes.reduce<Record<string, string>[]>(
    (begun, place) =>
      begun.flatMap((path) => valuesOf(place, operation, words).map((word) => ({ ...path, [place.name]: word }))),
    [{}],
  );
  const query = Object.fromEntries(Object.entries(AT_ONCE).filter(([name]) => parameter(operation, name)));
  return paths.map((path) => ({ operation, path, query, headers: {}, body: bodyOf(operation) }));
}

export function parameter(operation: Operation, name: string) {
  return operation.parameters.find((candidate) => candidate.name === name);
}
