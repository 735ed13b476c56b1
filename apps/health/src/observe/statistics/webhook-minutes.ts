import type { CountedAttempt } from "./counted-attempt";
import { type LatencyHistogram, latencyHistogram } from "./latency-histogram";

export const MINUTE_MS = 60_000;

/** What came of the attempts that a webhook was sent within one minute. */
export interface WebhookMinute {
  readonly webhook_id: string;
  readonly tenant_id: string;
  /** When it began, in milliseconds since the epoch. */
  readonly minute: number;
  readonly delivered: number;
  readonly failed: number;
  /** Of all its attempts. */
  readonly latencies: LatencyHistogram;
}

/** Counts attempts by webhook and minute, in the order in which every transaction locks the rows. */
export function foldMinutes(attempts: readonly CountedAttempt[]): WebhookMinute[] {
  const groups = new Map<string, CountedAttempt[]>();
  for (const attempt of attempts) {
    const key = `${minuteOf(attempt.at)}/${attempt.webhook_id}`;
    const group = groups.get(key);
    if (group) group.push(attempt);
    else groups.set(key, [attempt]);
  }
  return [...groups.values()]
    .flatMap(minuteFrom)
    .sort((a, b) => a.minute - b.minute || (a.webhook_id < b.webhook_id ? -1 : 1));
}

export function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

function minuteFrom(attempts: readonly CountedAttempt[]): WebhookMinute[] {
  const [first] = attempts;
  if (!first) return [];
  const delivered = attempts.filter(({ error }) => error === null).length;
  return [
    {
      webhook_id: first.webhook_id,
      tenant_id: first.tenant_id,
      minute: minuteOf(first.at),
      delivered,
      failed: attempts.length - delivered,
      latencies: latencyHistogram(attempts.map(({ duration_ms }) => duration_ms)),
    },
  ];
}
