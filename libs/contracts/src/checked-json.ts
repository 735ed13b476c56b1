import type { z } from "zod";
import { DecodeError } from "./decode-error";

/**
 * The JSON of a record's value once a schema has found it right. The schema only judges: what it would hand back is a
 * copy without members called `__proto__`, and a publisher's own keys reach receivers unchanged. So it may not transform.
 * @throws DecodeError `undecodable`, naming the first wrong field
 */
export function checkedJson<Value>(value: Buffer | null, schema: z.ZodType<Value, Value>): Value {
  const json = parse(value);
  const { success, error } = schema.safeParse(json);
  if (!success) throw new DecodeError("undecodable", error.issues[0]?.path.join(".") || "value");
  return json as Value;
}

function parse(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString("utf8") ?? "");
  } catch (cause) {
    throw new DecodeError("undecodable", "value", { cause });
  }
}
