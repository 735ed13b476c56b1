import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WEBHOOK_DIRECTORY } from "@waggle/contracts";
import { Kafka, logLevel } from "kafkajs";
import { z } from "zod";
import { eventually } from "./eventually";

const REPOSITORY = join(__dirname, "../../..");
const PORTS = [
  "HEALTH_PORT",
  "INGEST_PORT",
  "ROUTER_PORT",
  "DISPATCHER_PORT",
  "GRPC_PORT",
  "SMTP_PORT",
  "KAFKA_PORT",
  "KAFKA_CONTROLLER_PORT",
  "POSTGRES_PORT",
  "DEMO_PORT",
] as const;

const readySchema = z.object({
  ready: z.literal(true),
  ingest_url: z.string(),
  management_url: z.string(),
  admin_token: z.string(),
  tenant_id: z.string(),
  api_key: z.string(),
  kafka_brokers: z.string(),
  database_url: z.string(),
  pids: z.object({
    kafka: z.number(),
    postgres: z.number(),
    ingest: z.number(),
    router: z.number(),
    dispatcher: z.number(),
    health: z.number(),
  }),
});

export type Ready = z.infer<typeof readySchema>;
export type AppName = "ingest" | "router" | "dispatcher" | "health";

/** The whole of waggle as `npm start` brings it up, on free ports and in a directory of its own. */
export class RunningStack {
  private constructor(
    readonly ready: Ready,
    private readonly ports: Readonly<Record<string, string>>,
    private readonly process: ChildProcess,
    private readonly directory: string,
  ) {}

  /** Starts Kafka, PostgreSQL and the four apps. `environment` is added to what they get. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<RunningStack> {
    const directory = mkdtempSync(join(tmpdir(), "waggle-pipeline-"));
    const ports = Object.fromEntries(await Promise.all(PORTS.map(async (name) => [name, String(await freePort())])));
    const child = spawn(process.execPath, ["tools/start/main.mjs", "--json"], {
      cwd: REPOSITORY,
      env: { ...withoutStackVariables(), ...ports, DATA_DIR: join(directory, "data"), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      const ready = readySchema.parse(JSON.parse(await firstLine(child)));
      return new RunningStack(ready, ports, child, directory);
    } catch (error) {
      child.kill("SIGTERM");
      throw error;
    }
  }

  /**
   * Kills one app, once per stack, as a crash would, and resolves when the supervisor's new process takes work.
   * (The pids are those of the first start.)
   */
  async crash(app: AppName): Promise<void> {
    process.kill(this.ready.pids[app], "SIGKILL");
    await eventually(`${app} to be gone`, async () => !(await this.isReady(app)));
    await eventually(`${app} to be back`, () => this.isReady(app), 60_000);
  }

  /** One app's address. */
  url(app: AppName): string {
    return `http://127.0.0.1:${this.ports[`${app.toUpperCase()}_PORT`]}`;
  }

  /** Resolves when every app of the data plane knows all changes made so far. */
  async settled(): Promise<void> {
    const waiting = () => this.metric("health", "waggle_outbox_oldest_seconds");
    await eventually("the outbox to be empty", async () => (await waiting()) === 0);
    const end = await directoryEnd(this.ready.kafka_brokers);
    for (const app of ["ingest", "router", "dispatcher"] as const) {
      await eventually(`${app} to have read the directory up to ${end}`, async () => {
        return (await this.metric(app, "waggle_directory_offset")) >= end;
      });
    }
  }

  /** One metric of an app, without labels; NaN when it is not there. */
  async metric(app: AppName, name: string): Promise<number> {
    const text = await fetch(`${this.url(app)}/metrics`).then((response) => response.text());
    return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  }

  /** Whether an app says that it takes work. */
  async isReady(app: AppName): Promise<boolean> {
    return fetch(`${this.url(app)}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
  }

  /** Stops everything as SIGTERM does, and removes the data. Returns the exit code. */
  async stop(): Promise<number | null> {
    if (this.process.exitCode === null) {
      this.process.kill("SIGTERM");
      await once(this.process, "exit");
    }
    rmSync(this.directory, { recursive: true, force: true });
    return this.process.exitCode;
  }
}

/** What a developer may have set for a stack of his own must not reach this one. */
function withoutStackVariables(): NodeJS.ProcessEnv {
  const { KAFKA_BROKERS, DATABASE_URL, PORT_OFFSET, TIME_SCALE, ADMIN_TOKEN, SECRETS_KEYS, ...rest } = process.env;
  return rest;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was assigned");
  return address.port;
}

async function firstLine(child: ChildProcess): Promise<string> {
  let out = "";
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const end = out.indexOf("\n");
      if (end >= 0) resolve(out.slice(0, end));
    });
    child.once("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${errors}`)));
  });
}

async function directoryEnd(brokers: string): Promise<number> {
  const admin = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const [offsets] = await admin.fetchTopicOffsets(WEBHOOK_DIRECTORY);
  await admin.disconnect();
  return Number(offsets?.high ?? 0);
}
