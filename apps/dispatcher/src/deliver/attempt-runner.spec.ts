import { attemptTimeoutMs, runAttempt } from "./attempt-runner";
import { aDelivery, answer, aWebhook, FakeJob, failure, ok } from "./delivery-engine.fake";
import { Sender, type SendResult } from "./ports";

const startedAt = 1_800_000_000_000;
const TOOK_MS = 40;

/** Attempts a delivery to a receiver that answers like this. */
async function attempt(
  response: SendResult,
  delivery: Parameters<typeof aDelivery>[0] = {},
  { isLast = false, timeScale = 1 } = {},
) {
  let now = startedAt;
  class Answering extends Sender {
    async send() {
      now += TOOK_MS;
      return response;
    }
  }
  const settings = {
    userAgent: "waggle/1.2.3",
    defaultTimeoutMs: 10_000,
    timeScale,
    now: () => now,
    newTryId: (at: number) => `try_${at}`,
    ownDelayMs: () => 0,
    isSaturated: () => false,
  };
  const webhook = { ...aWebhook({ version: 6 }), headers: { Authorization: "Bearer x" } };
  return runAttempt(new FakeJob(aDelivery(delivery)), webhook, { sender: new Answering(), settings, isLast });
}

describe("an attempt", () => {
  it("is recorded with its request, its response, and what the delivery became", async () => {
    const response = { ...ok, response_headers: { server: "x" }, response_body: "thanks", response_truncated: true };
    const { record, outcome, step } = await attempt(response, { round: 2, attempt: 3, tags: ["a"] });
    expect(outcome).toEqual({ kind: "delivered", status_code: 200 });
    expect(step).toEqual({ kind: "delivered" });
    expect(record).toMatchObject({
      delivery_id: "dlv_1",
      event_id: "evt_1",
      webhook_id: "wh_1",
      tenant_id: "ten_1",
      tags: ["a"],
      try_id: `try_${startedAt}`,
      round: 2,
      recorded_at: startedAt + TOOK_MS,
      webhook_version: 6,
      try: {
        number: 3,
        at: startedAt,
        duration_ms: TOOK_MS,
        status_code: 200,
        error: null,
        response_headers: { server: "x" },
        response_body: "thanks",
        response_truncated: true,
      },
      state: { status: "delivered", reason: null, next_attempt_at: null },
    });
    expect(record.try?.request_headers).toMatchObject({ authorization: "***", "webhook-attempt": "3" });
  });

  it("that fails is retried by the schedule, counted from its end", async () => {
    const { record, step } = await attempt(failure("dns_failed"));
    expect(step).toEqual({ kind: "retry", tier: "30s", due_at: startedAt + TOOK_MS + 30_000 });
    expect(record.try).toMatchObject({ status_code: null, error: "dns_failed", response_body: null });
    expect(record.state).toEqual({ status: "pending", reason: null, next_attempt_at: startedAt + TOOK_MS + 30_000 });
  });

  it.each([
    ["410 ends the delivery", answer(410), {}, {}, { status: "exhausted", reason: "gone" }],
    ["410 to a test is one failure", answer(410), { test: true }, {}, { status: "exhausted", reason: "attempts_used" }],
    ["the last of the schedule", answer(500), { attempt: 12 }, {}, { status: "exhausted", reason: "attempts_used" }],
    ["at the end of the lifetime", answer(500), {}, { isLast: true }, { status: "exhausted", reason: "lifetime_over" }],
    ["410 at the end of the lifetime", answer(410), {}, { isLast: true }, { status: "exhausted", reason: "gone" }],
    ["2xx at the end of the lifetime", answer(204), {}, { isLast: true }, { status: "delivered", reason: null }],
  ] as const)("has an end: %s", async (_, response, delivery, options, state) => {
    const { record } = await attempt(response, delivery, options);
    expect(record.state).toEqual({ ...state, next_attempt_at: null });
  });

  it("that is told to wait longer than its schedule does, waits for a tier that is long enough", async () => {
    const { step } = await attempt(answer(429, "31"));
    expect(step).toMatchObject({ kind: "retry", tier: "2m" });
    const scaled = await attempt(answer(503, "31"), {}, { timeScale: 600 });
    expect(scaled.step).toMatchObject({ tier: "2m", due_at: startedAt + TOOK_MS + 200 });
  });

  it("may take the webhook's own time, or the default", () => {
    const settings = { userAgent: "waggle/1.2.3", defaultTimeoutMs: 9_000 };
    expect(attemptTimeoutMs(aWebhook(), settings)).toBe(9_000);
    expect(attemptTimeoutMs(aWebhook({ timeout_ms: 30_000 }), settings)).toBe(30_000);
  });
});
