import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

/** What is left of the data of earlier starts when the next one is prepared, by a script that Jest cannot load. */
function left(options: { readonly fresh: boolean; readonly ownsDatabase: boolean }): string[] {
  const dataDir = mkdtempSync(join(tmpdir(), "waggle-data-"));
  directories.push(dataDir);
  for (const name of ["kafka", "postgres", "blobs"]) mkdirSync(join(dataDir, name, "content"), { recursive: true });
  const script = `import("./tools/start/data-dir.mjs").then(({ prepareDataDir }) =>
    prepareDataDir(${JSON.stringify(dataDir)}, ${JSON.stringify(options)}))`;
  execFileSync(process.execPath, ["-e", script], { cwd: join(__dirname, "../../..") });
  return readdirSync(dataDir).filter((name) => name !== "logs");
}

test("a start keeps what there is, and --fresh what belongs to a database that is not ours", () => {
  expect(left({ fresh: false, ownsDatabase: true })).toEqual(["blobs", "kafka", "postgres"]);
  expect(left({ fresh: true, ownsDatabase: true })).toEqual([]);
  expect(left({ fresh: true, ownsDatabase: false })).toEqual(["blobs"]);
});
