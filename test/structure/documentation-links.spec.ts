import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { filesBelow, textOf } from "./repository-files";

const root = resolve(__dirname, "../..");
const pages = filesBelow(".").filter((file) => file.endsWith(".md"));

it.each(pages)("%s links only to what is there", (page) => {
  const targets = [...textOf(page).matchAll(/\]\((?!\w+:)([^)#\s]+)/g)].map(([, target = ""]) => target);

  expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
});
