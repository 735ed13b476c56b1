import type { CircuitState } from "@waggle/contracts";
import { disableAfterS, disableAt, type WebhookStatus } from "@waggle/domain";
import { type LatencyHistogram, latencyPercentile } from "./latency-histogram";
import type { CountedHour, KnownWebhook } from "./ports";
import { MINUTE_MS, minuteOf } from "./webhook-minutes";

const HOUR_MS = 3_600_000;

/** How a webhook is doing. Times in milliseconds since the epoch. Source: contract §4. */
export interface WebhookHealth {
  readonly status: WebhookStatus;
  readonly failing_since: number | null;
  /** When it is disabled if it goes on failing; null: never, or it is already. */
  readonly disable_at: number | null;
  readonly last_attempt: KnownWebhook["last_attempt"];
  /** Delivered ÷ all attempts; null: none. */
  readonly success_rate: Readonly<Record<Span, number | null>>;
  readonly attempts: Readonly<Record<Span, AttemptCounts>>;
  /** Of the last 24 h. */
  readonly latency_ms: { readonly p50: number | null; readonly p95: number | null };
  readonly circuit: CircuitState;
  /** Every hour of the last seven days, oldest first. */
  readonly series: readonly CountedHour[];
}

type Span = "24h" | "7d";

export interface AttemptCounts {
  readonly delivered: number;
  readonly failed: number;
}

/** The minutes that rates are made of begin here; the one under way is the last. Statistics know no `TIME_SCALE`. */
export function spanStarts(now: number): Readonly<Record<Span, number>> {
  const after = (hours: number) => minuteOf(now) - hours * HOUR_MS + MINUTE_MS;
  return { "24h": after(24), "7d": after(7 * 24) };
}

export interface HealthFacts {
  readonly webhook: KnownWebhook;
  readonly lastDay: AttemptCounts & { readonly latencies: LatencyHistogram };
  /** Of the last seven days, hours without attempts left out. */
  readonly hours: readonly CountedHour[];
}

export function webhookHealth(
  { webhook, lastDay, hours }: HealthFacts,
  { now, timeScale }: { readonly now: number; readonly timeScale: number },
): WebhookHealth {
  const { status, first_failure_at, last_attempt } = webhook;
  const failing = status === "enabled" && first_failure_at !== null;
  const week = {
    delivered: hours.reduce((sum, { delivered }) => sum + delivered, 0),
    failed: hours.reduce((sum, { failed }) => sum + failed, 0),
  };
  return {
    status,
    failing_since: first_failure_at,
    disable_at: failing ? disableAt(first_failure_at, disableAfterS(webhook), timeScale) : null,
    last_attempt,
    success_rate: { "24h": rate(lastDay), "7d": rate(week) },
    attempts: { "24h": { delivered: lastDay.delivered, failed: lastDay.failed }, "7d": week },
    latency_ms: { p50: latencyPercentile(lastDay.latencies, 0.5), p95: latencyPercentile(lastDay.latencies, 0.95) },
    circuit: circuitOf(webhook),
    series: everyHour(hours, now),
  };
}

function rate({ delivered, failed }: AttemptCounts): number | null {
  return delivered + failed === 0 ? null : delivered / (delivered + failed);
}

/** Enabling closes the circuit, whatever was seen before. */
function circuitOf({ circuit, circuit_at, counts_from }: KnownWebhook): CircuitState {
  const seenSince = circuit_at !== null && (counts_from === null || circuit_at > counts_from);
  return seenSince ? (circuit ?? "closed") : "closed";
}

function everyHour(hours: readonly CountedHour[], now: number): CountedHour[] {
  const known = new Map(hours.map((hour) => [hour.at, hour]));
  const series: CountedHour[] = [];
  for (let at = hourOf(spanStarts(now)["7d"]); at <= now; at += HOUR_MS) {
    series.push(known.get(at) ?? { at, delivered: 0, failed: 0 });
  }
  return series;
}

function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}
