import { type pageQuerySchema, understood } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import type { z } from "zod";

/** Where to go on: below this id, newest first. */
export interface PageRequest {
  readonly before: string | null;
  readonly limit: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/**
 * One page of things whose ids sort by age. `read` gets one more than is shown, which tells whether there is a next
 * page; a cursor names the last thing shown, so that what is created or deleted meanwhile shifts nothing.
 * @throws WaggleError `validation_failed` for a cursor that is none of ours
 */
export async function readPage<Item extends { readonly id: string }>(
  query: z.output<typeof pageQuerySchema>,
  read: (page: PageRequest) => Promise<readonly Item[]>,
): Promise<Page<Item>> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const found = await read({ before, limit: query.limit + 1 });
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return { items, next_cursor: found.length > items.length && last ? encodeCursor(last.id) : null };
}

/** The cursor of a list whose places are read by `decode`, as part of its query's schema; null: from the start. */
export function cursorSchema<Place>(decode: (cursor: string) => Place | null) {
  return understood(decode, "is not a cursor of this list").nullable().default(null);
}

function encodeCursor(id: string): string {
  return Buffer.from(id).toString("base64url");
}

function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString("utf8");
  if (/^[a-z]{2,4}_[0-9A-Z]{26}$/.test(id) && encodeCursor(id) === cursor) return id;
  throw new WaggleError("validation_failed", "some fields are wrong", {
    errors: [{ path: "/cursor", message: "is not a cursor of this list" }],
  });
}
