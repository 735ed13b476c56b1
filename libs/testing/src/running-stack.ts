import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WEBHOOK_DIRECTORY } from "@waggle/contracts";
import { Kafka, logLevel } from "kafkajs";
import { z } from "zod";
import { eventually } from "./eventually";
import { ExtraDispatcher } from "./extra-dispatcher";
import { freePort } from "./free-port";
import { NpmStart, type ServiceName } from "./npm-start";
import { processTree } from "./process-tree";

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
  smtp_address: z.string(),
  grpc_address: z.string(),
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
  private readonly extraDispatchers: ExtraDispatcher[] = [];

  private constructor(
    readonly ready: Ready,
    private readonly process: NpmStart,
    private readonly place: {
      readonly directory: string;
      readonly ports: Readonly<Record<string, string>>;
      readonly environment: Readonly<Record<string, string>>;
    },
  ) {}

  /** Starts Kafka, PostgreSQL and the four apps. `environment` is added to what they get. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<RunningStack> {
    const directory = mkdtempSync(join(tmpdir(), "waggle-pipeline-"));
    const ports = Object.fromEntries(await Promise.all(PORTS.map(async (name) => [name, String(await freePort())])));
    const npmStart = new NpmStart(dataDir(directory), { ...withoutStackVariables(), ...ports, ...environment });
    try {
      const ready = readySchema.parse(JSON.parse(await npmStart.ready()));
      return new RunningStack(ready, npmStart, { directory, ports, environment });
    } catch (error) {
      await npmStart.stop();
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Kills one app as a crash would, and resolves when the supervisor's new process takes work. */
  async crash(app: AppName): Promise<void> {
    await this.process.end(app, "SIGKILL");
    await this.backAt(app);
  }

  /**
   * Stops one app as an operator would, and resolves when the supervisor's new process takes work.
   * @returns how it ended: "ended with code 0" when in order
   */
  async restart(app: AppName): Promise<string> {
    const how = await this.process.end(app, "SIGTERM");
    await this.backAt(app);
    return how;
  }

  /** Kills a store as a power cut would; the supervisor starts it again. */
  async killStore(store: "kafka" | "postgres"): Promise<void> {
    await this.process.end(store, "SIGKILL");
  }

  /** A process and its children stand still, their connections open, until `thaw`. */
  freeze(service: ServiceName): void {
    for (const pid of processTree(this.process.pid(service))) process.kill(pid, "SIGSTOP");
  }

  /** Harmless when it is not frozen. */
  thaw(service: ServiceName): void {
    for (const pid of processTree(this.process.pid(service))) process.kill(pid, "SIGCONT");
  }

  /** The process of a service that runs now. */
  pid(service: ServiceName): number {
    return this.process.pid(service);
  }

  /** One more dispatcher, which takes its share of the work. What is left of it ends with the stack. */
  async startDispatcher(): Promise<ExtraDispatcher> {
    const { directory, environment } = this.place;
    const number = this.extraDispatchers.length + 2;
    const dispatcher = await ExtraDispatcher.start({
      environment: {
        ALLOW_HTTP_URLS: "true",
        ALLOWED_PRIVATE_CIDRS: "127.0.0.0/8,::1/128",
        BIND_HOST: "127.0.0.1",
        KAFKA_BROKERS: this.ready.kafka_brokers,
        KAFKA_REPLICATION: "1",
        SECRETS_KEYS: secretsKeys(dataDir(directory)),
        ...environment,
      },
      logFile: join(dataDir(directory), "logs", `dispatcher-${number}.log`),
    });
    this.extraDispatchers.push(dispatcher);
    return dispatcher;
  }

  /** One app's address. */
  url(app: AppName): string {
    return `http://127.0.0.1:${this.place.ports[`${app.toUpperCase()}_PORT`]}`;
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
    await Promise.all(this.extraDispatchers.map((dispatcher) => dispatcher.kill()));
    const code = await this.process.stop();
    rmSync(this.place.directory, { recursive: true, force: true });
    return code;
  }

  private async backAt(app: AppName): Promise<void> {
    await eventually(`${app} to be back`, () => this.isReady(app), 60_000);
  }
}

function dataDir(directory: string): string {
  return join(directory, "data");
}

function secretsKeys(directory: string): string {
  const credentials: unknown = JSON.parse(readFileSync(join(directory, "credentials.json"), "utf8"));
  return z.object({ secrets_keys: z.string() }).parse(credentials).secrets_keys;
}

/** What a developer may have set for a stack of his own must not reach this one. */
function withoutStackVariables(): NodeJS.ProcessEnv {
  const { KAFKA_BROKERS, DATABASE_URL, PORT_OFFSET, TIME_SCALE, ADMIN_TOKEN, SECRETS_KEYS, ...rest } = process.env;
  return rest;
}

async function directoryEnd(brokers: string): Promise<number> {
  const admin = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const [offsets] = await admin.fetchTopicOffsets(WEBHOOK_DIRECTORY);
  await admin.disconnect();
  return Number(offsets?.high ?? 0);
}
