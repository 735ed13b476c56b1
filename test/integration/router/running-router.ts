import { join } from "node:path";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { KafkaConnections } from "@waggle/kafka";
import { createService, runApp, type Service } from "@waggle/service";
import { eventually, testBrokers } from "@waggle/testing";
import { routerApp } from "../../../apps/router/src/router.module";

/** A thread cannot run from source: `npm run build` makes this one. */
const INBOUND_WORKER = join(__dirname, "../../../dist/apps/router/src/out/render-inbound.worker.js");

/** The router as its main.ts starts it, on the test run's Kafka and a free port. */
export class RunningRouter {
  private constructor(
    private readonly service: Service,
    private readonly app: NestFastifyApplication,
  ) {}

  /** By default on the test run's Kafka, where another router routes the same events again. */
  static async start(groupId: string, brokers: readonly string[] = testBrokers()): Promise<RunningRouter> {
    const service = createService("router", { logLevel: "silent" });
    const connection = { brokers, ssl: false, sasl: null };
    const options = { host: "127.0.0.1", port: 0, groupId, inboundWorker: INBOUND_WORKER };
    const app = await runApp(service, routerApp(service, connection, options));
    return new RunningRouter(service, app);
  }

  get ready(): boolean {
    return this.service.readiness.ready;
  }

  /** Waits until the router knows this version of a webhook; null: until it knows of no such webhook any more. */
  async knows(webhookId: string, version: number | null): Promise<void> {
    const { directory } = this.app.get(KafkaConnections);
    await eventually(`version ${version} of ${webhookId}`, () => {
      const known = directory.webhook(webhookId)?.version ?? null;
      return known === version;
    });
  }

  /** The value of a counter, by name and labels. */
  async counted(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const metric = await this.service.metrics.getSingleMetric(name)?.get();
    const matching = metric?.values.find(({ labels: own }) => {
      return Object.entries(labels).every(([label, value]) => own[label] === value);
    });
    return matching?.value ?? 0;
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}
