import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@waggle/testing";
import { freeOffset, listening, PORTS } from "./free-offset";
import { NpmStart, pasted, type Ready, refusedStart } from "./npm-start";

jest.setTimeout(180_000);

const scratch = mkdtempSync(join(tmpdir(), "waggle-start-"));
const dataDir = join(scratch, "data");
let offset: number;
let env: Record<string, string>;
let running: NpmStart;
let first: Ready;
let webhookId: string;

function start(flags: string[]): NpmStart {
  running = new NpmStart({ flags, env });
  return running;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function manage({ management_url, api_key }: Ready, path: string, body?: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${api_key}`, "content-type": "application/json" };
  const init = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
  const response = await fetch(`${management_url}${path}`, init);
  const parsed: Record<string, unknown> = JSON.parse(await response.text());
  return { status: response.status, body: parsed };
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`).catch(() => null);
  return response?.status === 200;
}

async function nothingListens(): Promise<boolean> {
  return (await listening(offset)).length === 0;
}

beforeAll(async () => {
  offset = await freeOffset();
  env = { DATA_DIR: dataDir, PORT_OFFSET: String(offset) };
});

afterAll(async () => {
  await running?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

// One stack from its first start to a killed one; every step begins where the last one ended.
describe("a stack of npm start", () => {
  it("is described by one line of JSON", async () => {
    const npm = start(["--json"]);
    first = await npm.ready();
    const at = (port: number) => `127.0.0.1:${port + offset}`;
    expect(first).toEqual({
      ready: true,
      ingest_url: `http://${at(4001)}`,
      management_url: `http://${at(4000)}`,
      grpc_address: at(4050),
      smtp_address: at(2525),
      admin_token: expect.stringMatching(/.{16,}/),
      tenant_id: expect.any(String),
      api_key: expect.stringMatching(/^wag_.{40}$/),
      kafka_brokers: at(4092),
      database_url: expect.stringMatching(new RegExp(`^postgres://.*@${at(4032)}/`)),
      pids: expect.objectContaining({ kafka: expect.any(Number), postgres: expect.any(Number) }),
    });
    expect(npm.stdout.split("\n")).toHaveLength(2);
    expect(Object.keys(first).join(" ")).toBe(
      "ready ingest_url management_url grpc_address smtp_address admin_token tenant_id api_key kafka_brokers database_url pids",
    );
    expect(Object.keys(first.pids).join(" ")).toBe("kafka postgres ingest router dispatcher health");
  });

  it("listens on every port PORT_OFFSET moved, the demo's apart", async () => {
    expect(await listening(offset)).toEqual(PORTS.filter((port) => port !== 4099).map((port) => port + offset));
  });

  it("keeps its credentials to the user", () => {
    const file = join(dataDir, "credentials.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      admin_token: first.admin_token,
      tenant_id: first.tenant_id,
      api_key: first.api_key,
    });
  });

  it("lets its key manage at once", async () => {
    const webhook = { url: "http://127.0.0.1:9/", events: ["bounce"] };
    const created = await manage(first, "/v1/webhooks", webhook);
    expect(created.status).toBe(201);
    webhookId = String(created.body.id);
  });

  it("is not started twice on the same data", async () => {
    const { code, said } = await refusedStart({ env });
    expect(code).toBe(1);
    expect(said).toMatch(/^waggle already runs on .*\(process \d+\): .*PORT_OFFSET/);
  });

  it("starts an app again that was killed, and says so", async () => {
    process.kill(first.pids.ingest, "SIGKILL");
    await eventually("the restart to be said", () => running.stderr.includes("ingest was ended by SIGKILL"));
    expect(await eventually("ingest to be ready again", () => isReady(first.ingest_url), 60_000)).toBe(true);
  });

  it("stops when npm gets SIGTERM, and npm exits 0", async () => {
    expect(await running.stop("SIGTERM")).toBe(0);
    expect(await listening(offset)).toEqual([]);
  });

  it("comes back with the same credentials and data, and a demo", async () => {
    const npm = start(["--demo"]);
    await npm.printed("waggle is ready");
    expect(npm.stdout).toContain(first.api_key);
    expect(npm.stdout).toContain(first.admin_token);
    expect((await manage(first, `/v1/webhooks/${webhookId}`)).body).toMatchObject({
      id: webhookId,
      events: ["bounce"],
    });
  });

  it("prints a curl that publishes, and the demo prints what arrives", async () => {
    const curl = /^ *(curl .*)$/m.exec(running.stdout)?.[1] ?? "exit 1";
    expect(JSON.parse(await pasted(curl))).toEqual({ accepted: [{ id: expect.stringMatching(/^evt_/) }] });
    await running.printed("demo receiver: delivery of msg_1 to customer@example.com, attempt 1 (signature ok)");
    expect(await running.stop("SIGINT")).toBe(0);
  });

  it("starts from nothing with --fresh, under the same administrator", async () => {
    const fresh = await start(["--fresh", "--json"]).ready();
    expect(fresh.admin_token).toBe(first.admin_token);
    expect(fresh.api_key).not.toBe(first.api_key);
    expect((await manage(first, "/v1/webhooks")).status).toBe(401);
    expect((await manage(fresh, "/v1/webhooks")).body.items).toEqual([]);
  });

  it("leaves nothing behind when it is killed", async () => {
    const { start: main } = JSON.parse(readFileSync(join(dataDir, "running.json"), "utf8"));
    process.kill(main.pid, "SIGKILL");
    expect(await eventually("all ports to be free", nothingListens, 60_000)).toBe(true);
  });
});
