import { filesBelow } from "./repository-files";

/** Names under which everything and nothing is kept. `shared-secret` is a thing, `test-helpers` is not. */
const vague = /(^|-)(utils?|common|helpers?|shared|base|managers?|misc)$/;

/** The parts of a path, a file by what stands before its first dot. */
function names(path: string): string[] {
  return path.split("/").map((part) => part.split(".")[0] ?? part);
}

it("names every file and folder of apps and libs after the one thing it holds", () => {
  const files = [...filesBelow("apps"), ...filesBelow("libs")];

  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => names(file).some((name) => vague.test(name)))).toEqual([]);
});

it.each(["libs/kafka/src/utils.ts", "apps/router/src/test-helpers.ts", "libs/common/src/index.ts"])(
  "would refuse %s",
  (path) => {
    expect(names(path).some((name) => vague.test(name))).toBe(true);
  },
);
