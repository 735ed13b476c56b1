import type { KnownWebhook } from "./ports";
import { spanStarts, webhookHealth } from "./webhook-health";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 3, 17, 12, 34, 56, 789);

function known(overrides: Partial<KnownWebhook> = {}): KnownWebhook {
  return {
    webhook_id: "wh_1",
    tenant_id: "ten_1",
    status: "enabled",
    dialect: "hiveku",
    disable_after_s: null,
    first_failure_at: null,
    last_attempt: null,
    circuit: null,
    circuit_at: null,
    counts_from: null,
    ...overrides,
  };
}

function healthOf(webhook: KnownWebhook, timeScale = 1) {
  const lastDay = { delivered: 0, failed: 0, latencies: [] };
  return webhookHealth({ webhook, lastDay, hours: [] }, { now: NOW, timeScale });
}

test("24 h are 1,440 minutes, the one under way included", () => {
  const minutes = (start: number) => (Math.floor(NOW / 60_000) * 60_000 - start) / 60_000 + 1;
  expect(minutes(spanStarts(NOW)["24h"])).toBe(1_440);
  expect(minutes(spanStarts(NOW)["7d"])).toBe(10_080);
});

test("the series has every hour of the week, also before anything was sent", () => {
  const { series } = healthOf(known());
  expect(series).toHaveLength(169);
  expect(series.at(0)).toEqual({ at: Date.UTC(2026, 3, 10, 12), delivered: 0, failed: 0 });
  expect(series.at(-1)).toEqual({ at: Date.UTC(2026, 3, 17, 12), delivered: 0, failed: 0 });
});

test.each([
  ["its dialect's", known({ first_failure_at: 1 }), 1, 24 * HOUR_MS + 1],
  ["its own", known({ first_failure_at: 1, disable_after_s: 60 }), 1, 60_001],
  ["divided by TIME_SCALE", known({ first_failure_at: 1 }), 24, HOUR_MS + 1],
  ["never for buzzmark", known({ first_failure_at: 1, dialect: "buzzmark" }), 1, null],
  ["not once it is disabled", known({ first_failure_at: 1, status: "disabled" }), 1, null],
  ["not while it does not fail", known(), 1, null],
])("the time when it is disabled: %s", (_, webhook, timeScale, expected) => {
  expect(healthOf(webhook, timeScale)).toMatchObject({
    failing_since: webhook.first_failure_at,
    disable_at: expected,
  });
});

test.each([
  ["closed before anything is known", known(), "closed"],
  ["open when last seen so", known({ circuit: "open", circuit_at: 5 }), "open"],
  ["closed by enabling", known({ circuit: "open", circuit_at: 5, counts_from: 5 }), "closed"],
  ["open again after it", known({ circuit: "open", circuit_at: 6, counts_from: 5 }), "open"],
])("the circuit is %s", (_, webhook, circuit) => {
  expect(healthOf(webhook)).toMatchObject({ circuit });
});
