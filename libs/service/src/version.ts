import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const packageSchema = z.object({ name: z.string(), version: z.string() });

/** waggle's version, from the package.json above this file (the depth differs between sources and `dist`). */
export const VERSION: string = packageVersion(__dirname);

function packageVersion(directory: string): string {
  try {
    const parsed = packageSchema.parse(JSON.parse(readFileSync(join(directory, "package.json"), "utf8")));
    if (parsed.name === "waggle") return parsed.version;
  } catch {
    // No package.json here: look further up.
  }
  const parent = dirname(directory);
  if (parent === directory) throw new Error("no package.json of waggle above this file");
  return packageVersion(parent);
}
