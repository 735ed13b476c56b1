import fc from "fast-check";
import { type PageRequest, readPage } from "./page";

const ids = (count: number) => Array.from({ length: count }, (_, i) => `wh_${String(count - i).padStart(26, "0")}`);

/** What a database would answer. */
function reading(all: readonly string[]) {
  return async ({ before, limit }: PageRequest) =>
    all
      .filter((id) => before === null || id < before)
      .slice(0, limit)
      .map((id) => ({ id }));
}

it("shows everything once, whatever the size of a page", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 50 }), async (count, limit) => {
      const all = ids(count);
      const shown: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await readPage({ limit, cursor }, reading(all));
        expect(page.items.length).toBeLessThanOrEqual(limit);
        shown.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      expect(shown).toEqual(all);
    }),
  );
});

it("goes on where it was, although its last item is gone", async () => {
  const all = ids(5);
  const { next_cursor } = await readPage({ limit: 2 }, reading(all));
  const rest = await readPage({ limit: 9, cursor: next_cursor ?? "" }, reading(all.filter((id) => id !== all[1])));
  expect(rest.items.map(({ id }) => id)).toEqual(all.slice(2));
});
