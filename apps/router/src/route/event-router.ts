import { decodeEmailEvent } from "@waggle/contracts";
import type { EmailEvent, Sha256Hex } from "@waggle/domain";
import { OutputWriter } from "./output-writer";
import type { Directory, Incoming, OutputLog, RoutingReport } from "./ports";
import { type Route, traceparentOf } from "./route";
import { routeEvent } from "./route-event";

export interface EventRouterOptions {
  readonly directory: Directory;
  readonly output: OutputLog;
  readonly report: RoutingReport;
  readonly sha256: Sha256Hex;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Bytes that may be on their way to Kafka before further records wait. */
  readonly maxBytesInFlight?: number;
}

/** Turns accepted events into deliveries, in their order. What cannot be routed becomes a dead letter. */
export class EventRouter {
  private readonly writer: OutputWriter;
  private waiting: Incoming[] = [];

  constructor(private readonly options: EventRouterOptions) {
    const { output, report, maxBytesInFlight } = options;
    this.writer = new OutputWriter({ output, report, maxBytesInFlight, onRoom: () => this.pump() });
  }

  /** Takes records over and returns at once. */
  accept(records: readonly Incoming[]): void {
    this.waiting.push(...records);
    this.pump();
  }

  /** Begins no further record and resolves when what is begun is written. The rest is left to whoever takes over. */
  async drain(): Promise<void> {
    this.waiting = [];
    await this.writer.idle();
  }

  private pump(): void {
    while (this.writer.hasRoom) {
      const record = this.waiting.shift();
      if (!record) return;
      if (record.owned) this.route(record);
    }
  }

  private route(record: Incoming): void {
    const { report } = this.options;
    let routed: Route & { readonly event: EmailEvent };
    try {
      routed = this.outputsOf(record);
    } catch (error) {
      this.writer.bury(record, error);
      return;
    }
    const { event, outputs, ...counts } = routed;
    this.writer.write(record, outputs, () => report.routed(event, counts));
  }

  private outputsOf(record: Incoming): Route & { readonly event: EmailEvent } {
    const { directory, sha256, now } = this.options;
    const event = decodeEmailEvent(record);
    const webhooks = directory.webhooksOfTenant(event.tenant_id);
    return { event, ...routeEvent(event, webhooks, { sha256, now: now(), traceparent: traceparentOf(record) }) };
  }
}
