import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../..");
const notOurs = /^(node_modules|dist|coverage|\.git|\.env|\.waggle.*|.*\.cpuprofile)$/;

/** Files below a folder of the repository, as paths from its root; what git ignores is left out. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !notOurs.test(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [path] : [];
    });
}

/** Folders directly below a folder of the repository, by name. */
export function foldersIn(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** The text of a file, named by its path from the repository's root. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
