import { readFile, stat } from "node:fs/promises";

/** The addresses a hosts file gives a name, in the order of the file; none when the name is not in it. */
export type LookupInHostsFile = (name: string) => Promise<readonly string[]>;

/** Reads `path` again whenever it changed, so that an entry takes effect without a restart. A missing file is empty. */
export function createHostsFile(path: string): LookupInHostsFile {
  let version = "";
  let entries: ReadonlyMap<string, readonly string[]> = new Map();
  return async (name) => {
    const current = await fileVersion(path);
    if (current !== version) {
      entries = parseHosts(await readFile(path, "utf8").catch(() => ""));
      version = current;
    }
    return entries.get(name.toLowerCase()) ?? [];
  };
}

/** Changes when the file does; `absent` when it cannot be read. */
export async function fileVersion(path: string): Promise<string> {
  const file = await stat(path).catch(() => undefined);
  return file === undefined ? "absent" : `${file.ino}:${file.mtimeMs}:${file.size}`;
}

/** hosts(5): an address, then names; `#` starts a comment. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const entries = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (address === undefined) continue;
    for (const name of names.map((each) => each.toLowerCase())) {
      entries.set(name, [...(entries.get(name) ?? []), address]);
    }
  }
  return entries;
}
