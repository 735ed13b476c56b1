import type { FieldError } from "@waggle/domain";

/**
 * Every error a client can get, with its HTTP status and title. `docs/errors.md` lists the same codes, held to this
 * registry by a test. Source: contract §4 "Errors".
 */
export const PROBLEMS = {
  malformed_json: { status: 400, title: "The body is not JSON" },
  malformed_request: { status: 400, title: "The request could not be read" },
  unauthorized: { status: 401, title: "A valid bearer token is required" },
  insufficient_scope: { status: 403, title: "The token does not allow this" },
  not_found: { status: 404, title: "There is no such thing" },
  method_not_allowed: { status: 405, title: "The route does not know this method" },
  webhook_disabled: { status: 409, title: "The webhook is disabled" },
  conflict: { status: 409, title: "The request contradicts the current state" },
  too_many_secrets: { status: 409, title: "Too many secrets of earlier rotations still sign" },
  limit_reached: { status: 409, title: "The tenant has as many of these as it may have" },
  idempotency_in_progress: { status: 409, title: "A request with this idempotency key is under way" },
  precondition_failed: { status: 412, title: "It was changed meanwhile" },
  payload_too_large: { status: 413, title: "The body is too large" },
  too_many_events: { status: 413, title: "Too many events in one request" },
  unsupported_media_type: { status: 415, title: "The content type is not supported here" },
  validation_failed: { status: 422, title: "Some fields are wrong" },
  query_too_slow: { status: 422, title: "The question would take too long to answer" },
  idempotency_key_reused: { status: 422, title: "The idempotency key was used for another request" },
  duplicate_id: { status: 422, title: "An event id occurs twice in the request" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal_error: { status: 500, title: "Something went wrong on our side" },
  kafka_unavailable: { status: 503, title: "Kafka did not acknowledge in time" },
  database_unavailable: { status: 503, title: "The database cannot be reached" },
  blob_store_unavailable: { status: 503, title: "The store of large content cannot be reached" },
  overloaded: { status: 503, title: "Too much is under way" },
  not_ready: { status: 503, title: "The service is starting or stopping" },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** The same codes as a list. */
export const PROBLEM_CODES = Object.keys(PROBLEMS).filter((code): code is ProblemCode => Object.hasOwn(PROBLEMS, code));

/** RFC 9457 problem details; `path` is a JSON Pointer into the request's body. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly FieldError[];
}

/** The body of an error response. `type` is a URN: this page of the docs has no fixed address. */
export function problem(code: ProblemCode, detail: string, errors: readonly FieldError[] = []): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:waggle:problem:${code}`, title, status, code, detail, errors };
}
