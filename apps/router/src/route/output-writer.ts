import { DecodeError, encodeDeadLetter, type WireRecord } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import type { Incoming, OutputLog, RoutingReport } from "./ports";
import { WRITE_LIMITS, type Write, writesOf } from "./writes";

export interface OutputWriterOptions {
  readonly output: OutputLog;
  readonly report: RoutingReport;
  /** Bytes that may be on their way to Kafka before there is no more room. Default 16 MiB. */
  readonly maxBytesInFlight?: number | undefined;
  /** There is room again. */
  readonly onRoom: () => void;
}

/** A record in work: done when none of its writes is left. */
interface Source {
  readonly record: Incoming;
  readonly isDead: boolean;
  /** Tells what became of it. */
  readonly report: () => void;
  writesLeft: number;
}

const DEFAULT_MAX_BYTES_IN_FLIGHT = 16 * 1_048_576;

/**
 * Writes what records lead to. A record is done when Kafka has all its outputs. Whoever routes asks for room first,
 * because one small record may fan out into megabytes.
 */
export class OutputWriter {
  private readonly maxBytesInFlight: number;
  private ready: { readonly source: Source; readonly write: Write }[] = [];
  private bytesInFlight = 0;
  private writesInFlight = 0;
  private onIdle: (() => void) | null = null;

  constructor(private readonly options: OutputWriterOptions) {
    this.maxBytesInFlight = options.maxBytesInFlight ?? DEFAULT_MAX_BYTES_IN_FLIGHT;
  }

  /** Whether a further record may be routed. */
  get hasRoom(): boolean {
    return this.ready.length === 0 && this.bytesInFlight < this.maxBytesInFlight;
  }

  /** Writes the outputs of a record, then is done with it and tells what became of it. */
  write(record: Incoming, outputs: readonly WireRecord[], report: () => void): void {
    this.enqueue({ record, isDead: false, report, writesLeft: 0 }, outputs);
  }

  /** Makes a record that cannot be routed a dead letter: undecodable when the error says so, else unprocessable. */
  bury(record: Incoming, error: unknown): void {
    const reason = error instanceof DecodeError ? error : new DecodeError("unprocessable", "value", { cause: error });
    const report = () => this.options.report.dead(record, reason);
    this.enqueue({ record, isDead: true, report, writesLeft: 0 }, [encodeDeadLetter(record, reason)]);
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    if (this.writesInFlight > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
  }

  private enqueue(source: Source, outputs: readonly WireRecord[]): void {
    const writes = writesOf(outputs, WRITE_LIMITS);
    source.writesLeft = writes.length;
    for (const write of writes) this.ready.push({ source, write });
    if (writes.length === 0) this.finish(source);
    else this.pump();
  }

  private pump(): void {
    while (this.bytesInFlight < this.maxBytesInFlight) {
      const next = this.ready.shift();
      if (!next) return;
      this.send(next.source, next.write);
    }
  }

  private send(source: Source, write: Write): void {
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
    if (this.hasRoom) this.options.onRoom();
    if (this.writesInFlight === 0) this.onIdle?.();
  }

  private finish(source: Source): void {
    source.report();
    source.record.done();
  }
}
