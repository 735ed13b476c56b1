import { parseHttpDate } from "./http-date";

/** Why an attempt failed. The closed list of contract §3; stored, shown and counted under these names. */
export const ATTEMPT_ERRORS = [
  "http_status",
  "redirect_refused",
  "timeout",
  "dns_failed",
  "connection_refused",
  "connection_reset",
  "connection_failed",
  "tls_invalid_certificate",
  "tls_handshake_failed",
  "address_refused",
  "headers_too_large",
  "malformed_response",
] as const;
export type AttemptError = (typeof ATTEMPT_ERRORS)[number];

/** What came of one HTTP try, before anything is decided. Exactly one of the two is set. */
export type AttemptResult =
  | { readonly status_code: number; readonly retry_after: string | null }
  | { readonly error: AttemptError };

/** `delivered`, or failed with one error code; `gone` asks for the webhook to be disabled (410). */
export type Outcome =
  | { readonly kind: "delivered"; readonly status_code: number }
  | {
      readonly kind: "failed";
      readonly status_code: number | null;
      readonly error: AttemptError;
      readonly gone: boolean;
      /** Seconds the receiver asked us to wait (429/503 only), 0 when it did not. */
      readonly retry_after_s: number;
    };

const MAX_RETRY_AFTER_S = 21_600;

/**
 * Judges one try: any 2xx is success, 3xx is a refused redirect, 410 means gone, everything else failed.
 * `now` (milliseconds) is when the response came; an HTTP date in `Retry-After` is measured against it.
 * Source: contract §3.
 */
export function classify(result: AttemptResult, now: number): Outcome {
  if ("error" in result) {
    return { kind: "failed", status_code: null, error: result.error, gone: false, retry_after_s: 0 };
  }
  const { status_code } = result;
  if (status_code >= 200 && status_code <= 299) return { kind: "delivered", status_code };
  const redirect = status_code >= 300 && status_code <= 399;
  const asksToWait = status_code === 429 || status_code === 503;
  return {
    kind: "failed",
    status_code,
    error: redirect ? "redirect_refused" : "http_status",
    gone: status_code === 410,
    retry_after_s: asksToWait ? retryAfterSeconds(result.retry_after, now) : 0,
  };
}

/** `Retry-After` (RFC 9110 §10.2.3: whole seconds or an HTTP date) in seconds, 0..21,600; nonsense counts as absent. */
export function retryAfterSeconds(header: string | null, now: number): number {
  if (header === null) return 0;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_RETRY_AFTER_S);
  const at = parseHttpDate(text, now);
  if (at === null) return 0;
  return Math.min(Math.max(Math.ceil((at - now) / 1_000), 0), MAX_RETRY_AFTER_S);
}
