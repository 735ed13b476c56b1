import { type DeliveryRecord, PARK_REASONS, type ParkReason, type WebhookEntry } from "@waggle/contracts";
import type { Logger } from "@waggle/service";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { AttemptEnd } from "../deliver/attempt-record";
import { LANES, type Lane } from "../deliver/lanes";
import { DispatchMeter } from "../deliver/ports";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The dispatcher's part of the metrics of contract §5, and one log line per attempt. */
export class PrometheusDispatchMeter extends DispatchMeter {
  private readonly attempts: Counter<"dialect" | "result" | "status_class" | "error">;
  private readonly durations: Histogram<"result">;
  private readonly firstDelays: Histogram;
  private readonly lanes: Gauge<"lane">;
  private readonly parks: Counter<"reason">;

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
    this.lanes = new Gauge({
      name: "waggle_in_flight",
      help: "Attempts in flight, by lane",
      labelNames: ["lane"],
      registers,
    });
    this.parks = new Counter({
      name: "waggle_parked_total",
      help: "Deliveries put aside without using up an attempt, by reason",
      labelNames: ["reason"],
      registers,
    });
    for (const reason of PARK_REASONS) this.parks.inc({ reason }, 0);
    for (const lane of LANES) this.lanes.set({ lane }, 0);
  }

  attempted(delivery: DeliveryRecord, { dialect }: WebhookEntry, { outcome, startedAt, endedAt }: AttemptEnd): void {
    const { status_code } = outcome;
    const error = outcome.kind === "failed" ? outcome.error : null;
    const status_class = status_code === null ? "none" : `${Math.floor(status_code / 100)}xx`;
    this.attempts.inc({ dialect, result: outcome.kind, status_class, error: error ?? "none" });
    this.durations.observe({ result: outcome.kind }, (endedAt - startedAt) / 1_000);
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

  inFlight(lane: Lane, count: number): void {
    this.lanes.set({ lane }, count);
  }
}
