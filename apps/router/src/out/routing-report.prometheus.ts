import { DEAD_LETTER_CODES, type DecodeError, type ReceivedRecord } from "@waggle/contracts";
import type { Logger } from "@waggle/service";
import { Counter, Histogram, type Registry } from "prom-client";
import { type RouteCounts, type RoutedEvent, RoutingReport } from "../route/ports";

/** What became of events, as metrics and as one log line each. Source: contract §5. */
export class PrometheusRoutingReport extends RoutingReport {
  private readonly events: Counter<"result">;
  private readonly fanout: Histogram;
  private readonly deadLetters: Counter<"reason">;

  constructor(
    registry: Registry,
    private readonly logger: Logger,
  ) {
    super();
    this.events = new Counter({
      name: "waggle_router_events_total",
      help: "Events, inbound mail among them, by what became of them: routed, unmatched (no webhook wants them), dead (not routable)",
      labelNames: ["result"],
      registers: [registry],
    });
    this.fanout = new Histogram({
      name: "waggle_router_fanout",
      help: "Webhooks that an event matches, disabled ones included",
      buckets: [0, 1, 2, 5, 10, 25, 50, 100, 250, 1_000],
      registers: [registry],
    });
    this.deadLetters = new Counter({
      name: "waggle_dead_letters_total",
      help: "Records put aside because they could not be decoded or processed",
      labelNames: ["reason"],
      registers: [registry],
    });
    // A counter that was never incremented is not scraped, and its first increase would not show.
    for (const result of ["routed", "unmatched", "dead"]) this.events.inc({ result }, 0);
    for (const reason of DEAD_LETTER_CODES) this.deadLetters.inc({ reason }, 0);
  }

  routed(event: RoutedEvent, { deliveries, skips }: RouteCounts): void {
    const matches = deliveries + skips;
    this.events.inc({ result: matches > 0 ? "routed" : "unmatched" });
    this.fanout.observe(matches);
    this.logger.debug({ event_id: event.id, tenant_id: event.tenant_id, deliveries, skips }, "event.routed");
  }

  dead(record: ReceivedRecord, error: DecodeError): void {
    this.events.inc({ result: "dead" });
    this.deadLetters.inc({ reason: error.code });
    // What JSON.parse says quotes the payload, which is not for the log.
    const err = error.code === "unprocessable" ? error.cause : undefined;
    this.logger.error({ ...origin(record), code: error.code, field: error.field, err }, "event.dead");
  }

  lost(record: ReceivedRecord): void {
    this.events.inc({ result: "dead" });
    this.logger.fatal(origin(record), "event.lost");
  }
}

function origin({ topic, partition, offset }: ReceivedRecord) {
  return { topic, partition, offset };
}
