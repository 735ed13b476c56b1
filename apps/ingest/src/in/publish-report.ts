import { PROBLEMS, type ProblemCode } from "@waggle/contracts";
import type { Logger } from "@waggle/service";
import { Counter, Histogram, type Registry } from "prom-client";

/** One publish request that was answered with a problem. */
export interface RefusedRequest {
  readonly code: ProblemCode;
  /** Null when the key told nothing of the tenant. */
  readonly tenantId: string | null;
  /** How many events it held; 1 when that was never known. */
  readonly events: number;
  readonly seconds: number;
}

/** What a publish request leaves in the log and the metrics: counts and ids, nothing of its content. */
export class PublishReport {
  private readonly events: Counter<"result">;
  private readonly seconds: Histogram;

  constructor(
    registry: Registry,
    private readonly logger: Logger,
  ) {
    this.events = new Counter({
      name: "waggle_ingest_events_total",
      help: "Events in answered publish requests: accepted, refused (4xx), unavailable (5xx)",
      labelNames: ["result"],
      registers: [registry],
    });
    this.seconds = new Histogram({
      name: "waggle_ingest_accept_seconds",
      help: "From the arrival of a publish request to its 202",
      buckets: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    });
    for (const result of ["accepted", "refused", "unavailable"]) this.events.inc({ result }, 0);
  }

  accepted({ tenantId, events, seconds }: { tenantId: string; events: number; seconds: number }): void {
    this.events.inc({ result: "accepted" }, events);
    this.seconds.observe(seconds);
    this.logger.debug({ tenant_id: tenantId, events, duration_ms: milliseconds(seconds) }, "events.accepted");
  }

  refused({ code, tenantId, events, seconds }: RefusedRequest): void {
    const result = PROBLEMS[code].status < 500 ? "refused" : "unavailable";
    this.events.inc({ result }, events);
    this.logger.info({ tenant_id: tenantId, events, code, duration_ms: milliseconds(seconds) }, `events.${result}`);
  }
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1_000);
}
