import { decodeInboundMail } from "@waggle/contracts";
import type { EventRouterOptions } from "./event-router";
import { OutputWriter } from "./output-writer";
import type { InboundRenderer, Incoming } from "./ports";
import { traceparentOf } from "./route";
import { dialectsWanted, routeInbound } from "./route-inbound";

export interface InboundRouterOptions extends EventRouterOptions {
  readonly renderer: InboundRenderer;
  /** Messages that may be rendered at a time, and of them of one tenant: one's slow mail does not stop the others'. */
  readonly maxRendering: number;
  readonly maxRenderingPerTenant: number;
}

/**
 * Turns accepted mail into deliveries. Reading a message takes long and happens elsewhere, so messages are finished in
 * any order, a few at a time. Nothing of a message can hold up the next for ever: the renderer answers in any case.
 */
export class InboundRouter {
  private readonly writer: OutputWriter;
  private waiting: Incoming[] = [];
  /** The tenants of the messages that are being rendered, one entry for each message. */
  private readonly rendering: string[] = [];
  private isStopping = false;

  constructor(private readonly options: InboundRouterOptions) {
    const { output, report, maxBytesInFlight } = options;
    this.writer = new OutputWriter({ output, report, maxBytesInFlight, onRoom: () => this.pump() });
  }

  /** Takes records over and returns at once. */
  accept(records: readonly Incoming[]): void {
    this.waiting.push(...records);
    this.pump();
  }

  /** Begins nothing more and resolves when what is being written is. The rest is left to whoever takes over. */
  async drain(): Promise<void> {
    this.isStopping = true;
    this.waiting = [];
    await this.writer.idle();
  }

  private pump(): void {
    while (this.writer.hasRoom && this.rendering.length < this.options.maxRendering) {
      const next = this.waiting.findIndex((record) => !record.owned || this.mayBegin(tenantOf(record)));
      const [record] = next < 0 ? [] : this.waiting.splice(next, 1);
      if (!record) return;
      if (record.owned) void this.begin(record);
    }
  }

  private mayBegin(tenant: string): boolean {
    return this.rendering.filter((other) => other === tenant).length < this.options.maxRenderingPerTenant;
  }

  private async begin(record: Incoming): Promise<void> {
    const tenant = tenantOf(record);
    this.rendering.push(tenant);
    try {
      await this.route(record);
    } catch (error) {
      if (!this.isStopping) this.writer.bury(record, error);
    } finally {
      this.rendering.splice(this.rendering.indexOf(tenant), 1);
      this.pump();
    }
  }

  private async route(record: Incoming): Promise<void> {
    const { directory, renderer, report, sha256, now } = this.options;
    const mail = decodeInboundMail(record);
    const webhooks = directory.webhooksOfTenant(mail.tenant_id);
    const bodies = await renderer.render(mail, dialectsWanted(mail, webhooks));
    if (this.isStopping) return;
    const options = { bodies, sha256, now: now(), traceparent: traceparentOf(record) };
    const { outputs, ...counts } = routeInbound(mail, webhooks, options);
    this.writer.write(record, outputs, () => report.routed(mail, counts));
  }
}

/** Whose the message is, as far as the record says: it is not decoded before it is its turn. */
function tenantOf({ headers }: Incoming): string {
  return headers["tenant-id"]?.toString("utf8") ?? "";
}
