import { readInput, tenantQuerySchema } from "../manage/read-input";

/** `?tenant_id=` of a request about one thing, null when it names none. */
export function tenantNamedIn(query: unknown): string | null {
  return readInput(tenantQuerySchema, query).tenant_id;
}
