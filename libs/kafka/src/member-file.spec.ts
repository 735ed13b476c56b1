import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemberFile } from "./member-file";

describe("the member file", () => {
  const directory = mkdtempSync(join(tmpdir(), "waggle-member-"));
  const path = join(directory, "deep", "member");
  const file = new MemberFile(path, "group");

  afterEach(() => file.forget());
  afterAll(() => rmSync(directory, { recursive: true }));

  /** As if another process had written it. */
  function rewrite(changes: Record<string, unknown>): void {
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...changes }));
  }

  it("knows the member that a dead process was", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    file.remember("member-1");
    rewrite({ pid });
    expect(file.predecessor()).toBe("member-1");
  });

  it("takes its own process id for a predecessor's: in a container every process has the same", () => {
    file.remember("member-1");
    expect(file.predecessor()).toBe("member-1");
  });

  it("knows nobody at the first start, and after a clean stop", () => {
    expect(file.predecessor()).toBeNull();
    file.remember("member-1");
    file.forget();
    expect(file.predecessor()).toBeNull();
  });

  it.each([
    ["a process that still runs", { pid: process.ppid }],
    ["another host's", { host: "elsewhere.example" }],
    ["another group's", { group_id: "another" }],
  ])("leaves %s alone", (_whose, changes) => {
    file.remember("member-1");
    rewrite(changes);
    expect(file.predecessor()).toBeNull();
  });

  it("is no predecessor's when it cannot be read", () => {
    file.remember("member-1");
    writeFileSync(path, "{");
    expect(file.predecessor()).toBeNull();
  });

  it("holds the last member id", () => {
    file.remember("member-1");
    file.remember("member-2");
    expect(file.predecessor()).toBe("member-2");
  });
});
