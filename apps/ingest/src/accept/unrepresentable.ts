import { isJsonObject, jsonPointer, PUBLISH_LIMITS } from "@waggle/contracts";
import type { FieldError } from "@waggle/domain";

export interface Unrepresentable {
  readonly errors: readonly FieldError[];
  /** Serialising the value would overflow the stack. */
  readonly tooDeep: boolean;
}

/** A value inside another, known by the way to it: paths are written out only for what is wrong. */
interface Place {
  readonly above: Place | null;
  readonly key: PropertyKey;
}

/**
 * What of a parsed JSON value could not be passed on as it was sent: a number beyond what a double holds (it would
 * become null), and nesting without end. `at` is where the value stands; at most `limit` errors are returned.
 */
export function unrepresentable(value: object, at: readonly PropertyKey[], limit: number): Unrepresentable {
  const errors: FieldError[] = [];
  let tooDeep = false;
  const report = (place: Place | null, message: string) => {
    if (errors.length < limit) errors.push({ path: pointerTo(place, at), message });
  };
  const visit = (child: unknown, above: Place | null, key: PropertyKey, depth: number) => {
    if (typeof child === "number" && !Number.isFinite(child)) report({ above, key }, "is too large a number");
    else if (typeof child === "object" && child !== null) enter(child, { above, key }, depth);
  };
  const enter = (container: object, place: Place | null, depth: number) => {
    if (depth > PUBLISH_LIMITS.nesting) {
      tooDeep = true;
      report(place, `is nested more than ${PUBLISH_LIMITS.nesting} levels deep`);
    } else if (Array.isArray(container)) {
      for (let index = 0; index < container.length; index++) visit(container[index], place, index, depth + 1);
    } else if (isJsonObject(container)) {
      for (const key in container) visit(container[key], place, key, depth + 1);
    }
  };
  enter(value, null, 1);
  return { errors, tooDeep };
}

function pointerTo(place: Place | null, at: readonly PropertyKey[]): string {
  const keys: PropertyKey[] = [];
  for (let here = place; here !== null; here = here.above) keys.unshift(here.key);
  return jsonPointer([...at, ...keys]);
}
