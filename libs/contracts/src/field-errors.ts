import type { FieldError } from "@waggle/domain";
import type { z } from "zod";

/** RFC 6901: `~` and `/` inside a name are escaped; no parts at all point at the whole document. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** One entry per wrong field, unknown keys each named by their own path. */
export function fieldErrors(error: z.ZodError, at: readonly PropertyKey[] = []): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: jsonPointer([...path, key]), message: "is not a known field" }));
    }
    return [{ path: jsonPointer(path), message: issue.message }];
  });
}
