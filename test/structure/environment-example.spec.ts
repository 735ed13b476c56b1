import { execFileSync } from "node:child_process";
import { VARIABLES, type VariableName } from "@waggle/service";
import { filesBelow, textOf } from "./repository-files";

interface Entry {
  readonly name: string;
  /** What stands in brackets, the default of `npm start`, is left out. */
  readonly fallback: string;
  readonly example: string;
}

/** What .env.example says: lines on the effect, then `# unit: … · default: …`, then `#NAME=example`. */
function describedVariables(): Entry[] {
  const pattern = /(?:^# .+\n)+?^# unit: .+ · default: (.+)\n^#([A-Z0-9_]+)=(.*)$/gm;
  return [...textOf(".env.example").matchAll(pattern)].map(([, fallback = "", name = "", example = ""]) => ({
    name,
    fallback: fallback.replace(/ \(.*\)$/, ""),
    example,
  }));
}

/** The ports of `npm start`, which are constants of a script that Jest cannot load. */
function startPorts(): Map<string, string> {
  const script = 'import("./tools/start/ports.mjs").then(({ portTable }) => console.log(JSON.stringify(portTable)))';
  const table: Record<string, { variable: string; standard: number }> = JSON.parse(
    execFileSync(process.execPath, ["-e", script], { cwd: `${__dirname}/../..`, encoding: "utf8" }),
  );
  return new Map(Object.values(table).map(({ variable, standard }) => [variable, String(standard)]));
}

/** Every variable that the scripts of `npm start` name. */
function startVariables(): string[] {
  const texts = filesBelow("tools/start").map(textOf);
  const named = texts.flatMap((text) => [...text.matchAll(/\benvironment(?:\.|, ")([A-Z][A-Z0-9_]+)/g)]);
  return named.map(([, name = ""]) => name);
}

const isOfApps = (name: string): name is VariableName => name in VARIABLES;
const ofApps = describedVariables().flatMap(({ name, ...entry }) => (isOfApps(name) ? [{ ...entry, name }] : []));

function defaultInCode(name: VariableName): unknown {
  const unset = VARIABLES[name].safeParse(undefined);
  return unset.success ? (unset.data ?? "unset") : "none, required";
}

function documentedDefault({ name, fallback }: { name: VariableName; fallback: string }): unknown {
  if (fallback === "unset" || fallback === "none, required") return fallback;
  return VARIABLES[name].parse(fallback === "empty" ? "" : fallback);
}

describe(".env.example", () => {
  it("lists every variable that the apps and npm start read, once, and no other", () => {
    const described = describedVariables().map(({ name }) => name);
    const assigned = [...textOf(".env.example").matchAll(/^#?([A-Z0-9_]+)=/gm)].map(([, name]) => name);
    const read = new Set([...Object.keys(VARIABLES), ...startPorts().keys(), ...startVariables()]);

    expect(described).toEqual(assigned);
    expect([...described].sort()).toEqual([...read].sort());
  });

  it.each(ofApps)("names the default of $name as it is in the code", (entry) => {
    expect(documentedDefault(entry)).toEqual(defaultInCode(entry.name));
  });

  it.each(ofApps)("gives an example of $name that is accepted", ({ name, example }) => {
    expect(VARIABLES[name].safeParse(example)).toMatchObject({ success: true });
  });

  it.each([...startPorts()])("names the default of %s as it is in npm start", (name, standard) => {
    expect(describedVariables()).toContainEqual(expect.objectContaining({ name, fallback: standard }));
  });
});
