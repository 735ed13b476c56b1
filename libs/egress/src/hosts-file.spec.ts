import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHostsFile, parseHosts } from "./hosts-file";

test("a hosts file gives each name its addresses in the order of the file", () => {
  const text =
    "# static table\n127.0.0.1\tlocalhost Mine # me\n\n::1 localhost ip6-localhost\n  10.0.0.7  db.internal\r\n";
  expect(Object.fromEntries(parseHosts(text))).toEqual({
    localhost: ["127.0.0.1", "::1"],
    mine: ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "db.internal": ["10.0.0.7"],
  });
});

describe("the file on disk", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "hosts-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test("is read again when it changed, and is empty while it is missing", async () => {
    const path = join(directory, "hosts");
    const lookup = createHostsFile(path);
    expect(await lookup("a.internal")).toEqual([]);
    await writeFile(path, "10.0.0.1 a.internal\n");
    expect(await lookup("A.internal")).toEqual(["10.0.0.1"]);
    await writeFile(path, "10.0.0.2 a.internal b.internal\n");
    expect(await lookup("a.internal")).toEqual(["10.0.0.2"]);
    await rm(path);
    expect(await lookup("a.internal")).toEqual([]);
  });
});
