import { DecodeError, decodeEmailEvent, encodeDeadLetter, type WireRecord } from "@waggle/contracts";
import { type EmailEvent, type Sha256Hex, WaggleError } from "@waggle/domain";
import type { Directory, Incoming, OutputLog, RoutingReport } from "./ports";
import { type Route, routeEvent } from "./route-event";
import { WRITE_LIMITS, type Write, writesOf } from "./writes";

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

/** A record in work: done when none of its writes is left. */
interface Source {
  readonly record: Incoming;
  readonly isDead: boolean;
  /** Tells what became of it. */
  readonly report: () => void;
  writesLeft: number;
}

type Routed = Route & { readonly event: EmailEvent };

const DEFAULT_MAX_BYTES_IN_FLIGHT = 16 * 1_048_576;

/**
 * Turns accepted events into deliveries. A record is done when Kafka has all its outputs; it is routed only when there
 * is room for them, because one small event may fan out into megabytes. What cannot be routed becomes a dead letter.
 */
export class EventRouter {
  private readonly maxBytesInFlight: number;
  private waiting: Incoming[] = [];
  private ready: { readonly source: Source; readonly write: Write }[] = [];
  private bytesInFlight = 0;
  private writesInFlight = 0;
  private onIdle: (() => void) | null = null;

  constructor(private readonly options: EventRouterOptions) {
    this.maxBytesInFlight = options.maxBytesInFlight ?? DEFAULT_MAX_BYTES_IN_FLIGHT;
  }

  /** Takes records over and returns at once. */
  accept(records: readonly Incoming[]): void {
    this.waiting.push(...records);
    this.pump();
  }

  /** Begins no further record and resolves when what is begun is written. The rest is left to whoever takes over. */
  async drain(): Promise<void> {
    this.waiting = [];
    if (this.writesInFlight > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
  }

  private pump(): void {
    while (this.bytesInFlight < this.maxBytesInFlight) {
      const next = this.ready.shift();
      if (next) this.write(next.source, next.write);
      else if (!this.begin(this.waiting.shift())) return;
    }
  }

  private begin(record: Incoming | undefined): boolean {
    if (!record) return false;
    if (record.owned) this.route(record);
    return true;
  }

  private route(record: Incoming): void {
    const { report } = this.options;
    let routed: Routed;
    try {
      routed = this.outputsOf(record);
    } catch (error) {
      this.bury(
        record,
        error instanceof DecodeError ? error : new DecodeError("unprocessable", "value", { cause: error }),
      );
      return;
    }
    const { event, outputs, ...counts } = routed;
    this.enqueue({ record, isDead: false, report: () => report.routed(event, counts), writesLeft: 0 }, outputs);
  }

  private outputsOf(record: Incoming): Routed {
    const { directory, sha256, now } = this.options;
    const event = decodeEmailEvent(record);
    const webhooks = directory.webhooksOfTenant(event.tenant_id);
    const traceparent = record.headers.traceparent?.toString("utf8") ?? null;
    return { event, ...routeEvent(event, webhooks, { sha256, now: now(), traceparent }) };
  }

  private bury(record: Incoming, error: DecodeError): void {
    const report = () => this.options.report.dead(record, error);
    this.enqueue({ record, isDead: true, report, writesLeft: 0 }, [encodeDeadLetter(record, error)]);
  }

  private enqueue(source: Source, outputs: readonly WireRecord[]): void {
    const writes = writesOf(outputs, WRITE_LIMITS);
    source.writesLeft = writes.length;
    for (const write of writes) this.ready.push({ source, write });
    if (writes.length === 0) this.finish(source);
  }

  private write(source: Source, write: Write): void {
    this.bytesInFlight += write.bytes;
    this.writesInFlight += 1;
    this.options.output.write(write.records).then(
      () => this.written(source, write),
      (error: unknown) => this.refused(source, write, error),
    );
  }

  private written(source: Source, write: Write): void {
    source.writesLeft -= 1;
    if (source.writesLeft === 0) this.finish(source);
    this.release(write);
  }

  /**
   * Only a refusal for good ends the record here. Otherwise the process is stopping, and the record stays undone, so
   * that whoever takes over routes it again.
   */
  private refused(source: Source, write: Write, error: unknown): void {
    if (error instanceof WaggleError && error.code === "record_too_large") {
      this.ready = this.ready.filter((next) => next.source !== source);
      if (source.isDead) {
        this.options.report.lost(source.record);
        source.record.done();
      } else this.bury(source.record, new DecodeError("unprocessable", "outputs", { cause: error }));
    }
    this.release(write);
  }

  private release(write: Write): void {
    this.bytesInFlight -= write.bytes;
    this.writesInFlight -= 1;
    this.pump();
    if (this.writesInFlight === 0) this.onIdle?.();
  }

  private finish(source: Source): void {
    source.report();
    source.record.done();
  }
}
