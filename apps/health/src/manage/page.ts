import { WaggleError } from "@waggle/domain";
import { z } from "zod";
import { tenantQuerySchema } from "./read-input";

const LIMITS = { default: 50, most: 200 } as const;

/** `?limit=&cursor=` of every list; numbers arrive as text. Source: contract §4. */
export const pageQueryFields = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(1).max(LIMITS.most))
    .default(LIMITS.default),
  cursor: z.string().min(1).optional(),
};

export const pageQuerySchema = z.strictObject(pageQueryFields);

/** A page of one tenant's things. */
export const tenantPageQuerySchema = tenantQuerySchema.extend(pageQueryFields);

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
