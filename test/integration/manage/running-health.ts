import { randomBytes } from "node:crypto";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { runMigrations } from "@waggle/postgres";
import { createService, type Environment, readConfig, runApp, type Service } from "@waggle/service";
import { freePort } from "@waggle/testing";
import { HEALTH_VARIABLES, healthApp } from "../../../apps/health/src/health.module";
import { GrpcServer } from "../../../apps/health/src/in/grpc/grpc-server";
import { assertDocumented } from "./documented";

export const ADMIN_TOKEN = "the-admin-token-of-these-tests";
export const SECRETS_KEYS = `k1:${randomBytes(32).toString("base64")}`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty when the answer has none. */
  readonly body: Record<string, unknown>;
}

export interface Asked {
  /** Null: no token at all. */
  readonly token?: string | null;
  /** What is no string is sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The real app in this process, on a port of its own. */
export class RunningHealth {
  private constructor(
    private readonly app: NestFastifyApplication,
    readonly service: Service,
    readonly url: string,
    /** Host and port. */
    readonly grpcAddress: string,
  ) {}

  /** With its schema, but without Kafka: what it changes stays in the outbox. */
  static withoutKafka(databaseUrl: string, environment: Environment = {}): Promise<RunningHealth> {
    return RunningHealth.run({ KAFKA_BROKERS: "127.0.0.1:1", DATABASE_URL: databaseUrl, ...environment }, (app) => ({
      module: app.module,
      beforeWork: async () => runMigrations({ url: databaseUrl, logger: silent }),
      transports: (running) => [running.get(GrpcServer)],
    }));
  }

  /** As `npm start` runs it. */
  static start(databaseUrl: string, brokers: readonly string[], environment: Environment = {}): Promise<RunningHealth> {
    return RunningHealth.run(
      { KAFKA_BROKERS: brokers.join(","), DATABASE_URL: databaseUrl, ...environment },
      (app) => app,
    );
  }

  private static async run(
    environment: Environment,
    part: (app: ReturnType<typeof healthApp>) => Omit<ReturnType<typeof healthApp>, "host" | "port">,
  ): Promise<RunningHealth> {
    const service = createService("health", { logLevel: "silent" });
    const config = readConfig(HEALTH_VARIABLES, {
      ADMIN_TOKEN,
      SECRETS_KEYS,
      ALLOW_HTTP_URLS: "true",
      ALLOWED_PRIVATE_CIDRS: "127.0.0.0/8",
      BIND_HOST: "127.0.0.1",
      GRPC_PORT: String(await freePort()),
      ...environment,
    });
    const app = await runApp(service, { ...part(healthApp(service, config)), host: "127.0.0.1", port: 0 });
    return new RunningHealth(app, service, await app.getUrl(), `127.0.0.1:${config.GRPC_PORT}`);
  }

  /** As the operator, unless `token` says otherwise. Every answer must be as docs/openapi.json has it. */
  async ask(method: string, path: string, { token = ADMIN_TOKEN, body, headers }: Asked = {}): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    assertDocumented({ method, path, status: response.status, headers: response.headers, text });
    return { status: response.status, headers: response.headers, text, body: text === "" ? {} : JSON.parse(text) };
  }

  /** What must succeed, for tests that are about something else. */
  async expect(status: number, method: string, path: string, asked: Asked = {}): Promise<Record<string, unknown>> {
    const answer = await this.ask(method, path, asked);
    if (answer.status !== status) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return answer.body;
  }

  /** A new tenant and a key of it that may manage. */
  async tenant(settings: Readonly<Record<string, unknown>> = {}): Promise<{ id: string; key: string }> {
    const tenant = await this.expect(201, "POST", "/v1/tenants", { body: { name: "Acme", ...settings } });
    const id = String(tenant.id);
    return { id, key: await this.key(id, ["manage"]) };
  }

  async key(tenantId: string, scopes: readonly string[]): Promise<string> {
    const body = { name: "test", scopes };
    return String((await this.expect(201, "POST", `/v1/api-keys?tenant_id=${tenantId}`, { body })).key);
  }

  async metric(line: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const found = text.split("\n").find((candidate) => candidate.startsWith(`${line} `));
    return found === undefined ? Number.NaN : Number(found.slice(line.length));
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`${this.url}/readyz`)).ok;
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}

const silent = { info: () => {}, warn: () => {} };

/** The wrong fields that an answer names. */
export function wrongFields(answer: Answer): string[] {
  const errors = Array.isArray(answer.body.errors) ? answer.body.errors : [];
  return errors.map(({ path }: { path: string }) => path);
}
