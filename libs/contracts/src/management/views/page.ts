import { z } from "zod";

/** One page of a list. `id` names the schema in the OpenAPI document. */
export function pageSchema<Item extends z.ZodType>(item: Item, id: string) {
  return z
    .object({
      items: z.array(item),
      next_cursor: z.string().nullable().describe("Goes on where this page ends, as `?cursor=`. Null: that was all."),
    })
    .meta({ id, description: "One page of a list." });
}
