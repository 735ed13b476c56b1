import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { createService, readConfig, runApp, type Service } from "@waggle/service";
import { DISPATCHER_VARIABLES, dispatcherApp } from "../../../apps/dispatcher/src/dispatcher.module";

export interface DispatcherEnvironment {
  readonly brokers: readonly string[];
  readonly secretsKeys: string;
  readonly timeScale: number;
}

/** The dispatcher as its main.ts starts it, on a free port, allowed to send to loopback only. */
export class RunningDispatcher {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly service: Service,
  ) {}

  static async start({ brokers, secretsKeys, timeScale }: DispatcherEnvironment): Promise<RunningDispatcher> {
    const service = createService("dispatcher", { logLevel: "silent" });
    const config = readConfig(DISPATCHER_VARIABLES, {
      KAFKA_BROKERS: brokers.join(","),
      SECRETS_KEYS: secretsKeys,
      TIME_SCALE: String(timeScale),
      ATTEMPT_TIMEOUT_MS: "2000",
      ALLOW_HTTP_URLS: "true",
      ALLOWED_PRIVATE_CIDRS: "127.0.0.0/8",
    });
    const app = await runApp(service, { ...dispatcherApp(service, config), host: "127.0.0.1", port: 0 });
    return new RunningDispatcher(app, service);
  }

  get ready(): boolean {
    return this.service.readiness.ready;
  }

  /** The sum of a metric's values whose labels are these. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const metric = await this.service.metrics.getSingleMetric(name)?.get();
    const matching = metric?.values.filter(({ labels: own }) => {
      return Object.entries(labels).every(([label, value]) => own[label] === value);
    });
    return (matching ?? []).reduce((sum, { value }) => sum + value, 0);
  }

  /** Stops it as SIGTERM does. */
  async stop(): Promise<void> {
    await this.app.close();
  }
}
