import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import type { Problem } from "@waggle/contracts";
import type { KafkaOptions } from "@waggle/kafka";
import { createService, runApp } from "@waggle/service";
import { Agent, request } from "undici";
import { SmtpDoor } from "../../../apps/ingest/src/in/smtp/smtp-door";
import { type IngestOptions, ingestApp } from "../../../apps/ingest/src/ingest.module";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The accepted ids, empty for a problem. */
  readonly ids: readonly string[];
  /** Null when it was accepted. */
  readonly problem: Problem | null;
}

export interface Publication {
  readonly key?: string | null;
  readonly contentType?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly method?: "POST" | "GET" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
}

export interface IngestTestOptions {
  readonly key?: string;
  readonly onListening?: (ingest: RunningIngest) => Promise<void>;
  readonly smtp?: Partial<IngestOptions["smtp"]>;
  readonly mailMemoryBytes?: number;
}

const MIB = 1_048_576;
const SMTP = { port: 0, domain: "in.localhost", maxConnections: 1_000, maxConnectionsPerAddress: 1_000, tls: null };

/** The real app in this process, on a port of its own. */
export class RunningIngest {
  private readonly agent = new Agent({ connections: 16 });

  private constructor(
    private readonly app: NestFastifyApplication,
    readonly url: string,
    private readonly key: string | null,
  ) {}

  /** @param options `key` is what `publish` sends unless told otherwise; `onListening` is awaited before Kafka is opened */
  static async start(
    connection: Pick<KafkaOptions, "brokers" | "requestTimeoutMs">,
    options: IngestTestOptions = {},
  ): Promise<RunningIngest> {
    const service = createService("ingest", { logLevel: "silent" });
    const { beforeWork, ...app } = ingestApp(
      service,
      { ssl: false, sasl: null, ...connection },
      {
        host: "127.0.0.1",
        port: 0,
        smtp: { ...SMTP, ...options.smtp },
        mailMemoryBytes: options.mailMemoryBytes ?? 64 * MIB,
      },
    );
    const running = async (started: NestFastifyApplication) =>
      new RunningIngest(started, await started.getUrl(), options.key ?? null);
    const started = await runApp(service, {
      ...app,
      beforeWork: async (listening) => {
        await options.onListening?.(await running(listening));
        await beforeWork?.(listening);
      },
    });
    return running(started);
  }

  /** Where its SMTP server listens. */
  get smtpPort(): number {
    return this.app.get(SmtpDoor).port;
  }

  /** A body that is no string is sent as JSON; `path` is where to. */
  async publish(
    body: unknown,
    { path = "/v1/events", key = this.key, contentType, headers, method }: Publication = {},
  ): Promise<Answer> {
    const type = contentType === undefined ? "application/json" : contentType;
    const response = await request(`${this.url}${path}`, {
      dispatcher: this.agent,
      method: method ?? "POST",
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(type === null ? {} : { "content-type": type }),
        ...headers,
      },
      body: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
    const text = await response.body.text();
    const answered = { status: response.statusCode, headers: response.headers };
    if (response.statusCode !== 202) return { ...answered, ids: [], problem: JSON.parse(text) };
    const { accepted }: { accepted: { id: string }[] } = JSON.parse(text);
    return { ...answered, ids: accepted.map(({ id }) => id), problem: null };
  }

  async metrics(): Promise<string> {
    const response = await request(`${this.url}/metrics`, { dispatcher: this.agent });
    return response.body.text();
  }

  /** As on SIGTERM: what is under way is answered first. */
  async stop(): Promise<void> {
    await this.app.close();
    await this.agent.close();
  }
}
