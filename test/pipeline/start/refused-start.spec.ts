import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeOffset } from "./free-offset";
import { refusedStart } from "./npm-start";

const ROOT = join(__dirname, "../../..");
const scratch = mkdtempSync(join(tmpdir(), "waggle-start-"));
let env: Record<string, string>;

beforeAll(async () => {
  env = { DATA_DIR: join(scratch, "data"), PORT_OFFSET: String(await freeOffset()) };
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A PATH on which only the named programs are. */
function pathWith(programs: string[]): string {
  const directory = mkdtempSync(join(scratch, "path-"));
  for (const program of programs) {
    const file = execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
    symlinkSync(file, join(directory, program));
  }
  return directory;
}

/** This checkout as it was before the first start: with its packages, but nothing cached among them. */
function checkoutWithoutCache(): string {
  const directory = mkdtempSync(join(scratch, "checkout-"));
  cpSync(join(ROOT, "tools"), join(directory, "tools"), { recursive: true });
  const start = { name: "waggle", version: "0.0.0", scripts: { start: "exec node tools/start/main.mjs" } };
  writeFileSync(join(directory, "package.json"), JSON.stringify(start));
  mkdirSync(join(directory, "node_modules"));
  for (const entry of readdirSync(join(ROOT, "node_modules")).filter((name) => name !== ".cache")) {
    symlinkSync(join(ROOT, "node_modules", entry), join(directory, "node_modules", entry));
  }
  return directory;
}

describe("npm start says in a sentence what stands in its way, and exits 1", () => {
  it("a flag it does not know", async () => {
    const { code, said } = await refusedStart({ flags: ["--frehs"], env });
    expect(code).toBe(1);
    expect(said).toBe('npm start does not know --frehs: after "npm start --" it takes --demo, --fresh, --json.');
  });

  it("every variable that is wrong, an empty one among them", async () => {
    const wrong = { ...env, PORT_OFFSET: "150", ADMIN_TOKEN: "", ROUTER_PORT: "4003", HEALTH_PORT: "" };
    const { code, said } = await refusedStart({ env: wrong });
    expect(code).toBe(1);
    expect(said.split("\n")).toEqual([
      expect.stringMatching(/^ADMIN_TOKEN /),
      expect.stringMatching(/^PORT_OFFSET .*multiple of 100/),
      expect.stringMatching(/^HEALTH_PORT /),
      expect.stringMatching(/^DISPATCHER_PORT and ROUTER_PORT /),
    ]);
  });

  it("a port that nobody would be let talk to", async () => {
    const { code, said } = await refusedStart({ env: { ...env, PORT_OFFSET: "2000" } });
    expect(code).toBe(1);
    expect(said).toBe("HEALTH_PORT is 6000: browsers and fetch refuse to ask there, so it must be another.");
  });

  it("a port that is taken: which one, whose, and how to move it", async () => {
    const port = 4_002 + Number(env.PORT_OFFSET);
    const squatter = createServer().listen(port, "127.0.0.1");
    await once(squatter, "listening");
    const { code, said } = await refusedStart({ env, flags: ["--json"] });
    squatter.close();
    expect(code).toBe(1);
    expect(said).toContain(`Port ${port} of the router app is already in use (ROUTER_PORT moves it)`);
    expect(said).toContain("PORT_OFFSET");
    expect(said).not.toContain("\n");
  });

  it("no Java", async () => {
    const { code, said } = await refusedStart({ env: { ...env, PATH: pathWith(["node", "npm", "sh"]) } });
    expect(code).toBe(1);
    expect(said).toMatch(/^Java is missing: .*install Java 17.*KAFKA_BROKERS/);
    expect(said).not.toContain("\n");
  });

  it("no Maven, when Kafka has yet to be fetched", async () => {
    const directory = checkoutWithoutCache();
    const { code, said } = await refusedStart({
      directory,
      env: { ...env, PATH: pathWith(["node", "npm", "sh", "java"]) },
    });
    expect(code).toBe(1);
    expect(said).toMatch(/^Maven is missing: .*install it.*KAFKA_BROKERS/);
    expect(said).not.toContain("\n");
  });
});
