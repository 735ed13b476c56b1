import { type DeliveryRecord, PARK_REASONS, type ParkReason, type WebhookEntry } from "@waggle/contracts";
import type { Logger } from "@waggle/service";
import { Counter, Histogram, type Registry } from "prom-client";
import type { AttemptEnd } from "../deliver/attempt-record";
import { DispatchMeter } from "../deliver/ports";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The dispatcher's part of the metrics of contract §5, and one log line per attempt. */
export class PrometheusDispatchMeter extends DispatchMeter {
  private readonly attempts: Counter<"dialect" | "result" | "status_class" | "error">;
  private readonly durations: Histogram<"result">;
  private readonly firstDelays: Histogram;
  private readonly parks: Counter<"reason">;
  /** Looking one up by its labels costs more than counting. */
  private readonly known = new Map<string, Counter.Internal>();
  private readonly knownDurations = new Map<string, Histogram.Internal<"result">>();

  constructor(
    registry: Registry,
    private readonly logger: Logger,
  ) {
    super();
    const registers = [registry];
    this.attempts = new Counter({
      name: "waggle_attempts_total",
      help: "HTTP attempts by what came of them, tests apart",
      labelNames: ["dialect", "result", "status_class", "error"],
      registers,
    });
    this.durations = new Histogram({
      name: "waggle_attempt_duration_seconds",
      help: "How long attempts took",
      labelNames: ["result"],
      buckets: SECONDS,
      registers,
    });
    this.firstDelays = new Histogram({
      name: "waggle_first_attempt_delay_seconds",
      help: "From the acceptance of an event to the start of a delivery's first attempt",
      buckets: SECONDS,
      registers,
    });
    this.parks = new Counter({
      name: "waggle_parked_total",
      help: "Deliveries put aside without using up an attempt, by reason",
      labelNames: ["reason"],
      registers,
    });
    for (const reason of PARK_REASONS) this.parks.inc({ reason }, 0);
  }

  attempted(delivery: DeliveryRecord, { dialect }: WebhookEntry, { outcome, startedAt, endedAt }: AttemptEnd): void {
    const { status_code } = outcome;
    const error = outcome.kind === "failed" ? outcome.error : null;
    const status_class = status_code === null ? "none" : `${Math.floor(status_code / 100)}xx`;
    this.countersOf(dialect, outcome.kind, status_class, error ?? "none").inc();
    this.durationsOf(outcome.kind).observe((endedAt - startedAt) / 1_000);
    const isFirst = delivery.attempt === 1 && delivery.round === 1;
    if (isFirst) this.firstDelays.observe(Math.max(0, startedAt - delivery.accepted_at) / 1_000);
    const { delivery_id, event_id, webhook_id, tenant_id, round, attempt } = delivery;
    this.logger.debug(
      { delivery_id, event_id, webhook_id, tenant_id, round, attempt, status_code, error, ms: endedAt - startedAt },
      "delivery.attempted",
    );
  }

  parked(reason: ParkReason): void {
    this.parks.inc({ reason });
  }

  private countersOf(dialect: string, result: string, status_class: string, error: string): Counter.Internal {
    const key = `${dialect} ${result} ${status_class} ${error}`;
    const known = this.known.get(key) ?? this.attempts.labels({ dialect, result, status_class, error });
    this.known.set(key, known);
    return known;
  }

  private durationsOf(result: string): Histogram.Internal<"result"> {
    const known = this.knownDurations.get(result) ?? this.durations.labels({ result });
    this.knownDurations.set(result, known);
    return known;
  }
}
