import type { HttpTry } from "@waggle/contracts";
import { classify, type NextStep, nextStep, type Outcome, retryDelays } from "@waggle/domain";
import { type AttemptEnd, attemptRecord } from "./attempt-record";
import type { Job } from "./job";
import type { OutgoingRequest, Sender, SendResult } from "./ports";
import { buildRequest, type RequestSettings, recordedHeaders } from "./request";
import type { Webhook } from "./webhook";

export interface AttemptSettings extends RequestSettings {
  readonly timeScale: number;
  readonly now: () => number;
  readonly newTryId: (now: number) => string;
  /** Milliseconds by which this process itself runs late: no receiver is judged by that. */
  readonly ownDelayMs: () => number;
  /** Whether this process has more to do than it can. */
  readonly isSaturated: () => boolean;
}

/**
 * One attempt from signing to the decision what comes next. Never rejects.
 * @param isLast the delivery's lifetime is over: whatever fails now ends it
 */
export async function runAttempt(
  job: Job,
  webhook: Webhook,
  {
    sender,
    settings,
    isLast,
  }: { readonly sender: Sender; readonly settings: AttemptSettings; readonly isLast: boolean },
): Promise<AttemptEnd> {
  const { delivery } = job;
  const startedAt = settings.now();
  const request = buildRequest(delivery, webhook, { ...settings, now: startedAt });
  const response = await sender.send(request);
  const endedAt = settings.now();
  const outcome = classify(response.result, endedAt);
  const planned = nextStep(
    outcome,
    { number: delivery.attempt, endedAt, test: delivery.test },
    { delays: retryDelays(webhook.entry), timeScale: settings.timeScale },
  );
  const step: NextStep = isLast && planned.kind === "retry" ? { kind: "exhausted", reason: "lifetime_over" } : planned;
  const http = httpTry({ number: delivery.attempt, startedAt, endedAt }, outcome, {
    response,
    requestHeaders: recordedHeaders(request, webhook),
  });
  const record = attemptRecord(
    delivery,
    { tryId: settings.newTryId(startedAt), version: webhook.entry.version, recordedAt: endedAt, http },
    step,
  );
  return { outcome, step, record, startedAt, endedAt };
}

/** Milliseconds a whole attempt of this webhook may take. */
export function attemptTimeoutMs(webhook: Webhook, settings: RequestSettings): number {
  return webhook.entry.timeout_ms ?? settings.defaultTimeoutMs;
}

function httpTry(
  times: { readonly number: number; readonly startedAt: number; readonly endedAt: number },
  outcome: Outcome,
  { response, requestHeaders }: { readonly response: SendResult; readonly requestHeaders: OutgoingRequest["headers"] },
): HttpTry {
  return {
    number: times.number,
    at: times.startedAt,
    duration_ms: times.endedAt - times.startedAt,
    status_code: outcome.status_code,
    error: outcome.kind === "failed" ? outcome.error : null,
    request_headers: requestHeaders,
    response_headers: response.response_headers,
    response_body: response.response_body,
    response_truncated: response.response_truncated,
  };
}
