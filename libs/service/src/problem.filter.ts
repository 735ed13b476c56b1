import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from "@nestjs/common";
import { PROBLEMS, type Problem, type ProblemCode, problem } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import type { FastifyReply } from "fastify";
import type { Logger } from "./logger";

/** Seconds after which a client should try again when a part of ours is away. */
const RETRY_AFTER_S = 5;

/** Errors of HTTP itself (Fastify's and Nest's), by status. */
const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: "malformed_request",
  401: "unauthorized",
  403: "insufficient_scope",
  404: "not_found",
  405: "method_not_allowed",
  409: "conflict",
  413: "payload_too_large",
  414: "malformed_request",
  415: "unsupported_media_type",
  422: "validation_failed",
  429: "rate_limited",
  503: "not_ready",
};

/** Every error leaves as RFC 9457 problem details; what is not of our registry is logged and says nothing. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const body = toProblem(error);
    if (body.code === "internal_error") this.logger.error({ err: error }, "request.failed");
    sendProblem(host.switchToHttp().getResponse<FastifyReply>(), body, error);
  }
}

/** Writes a problem as the response; the error it comes from may know more. */
export function sendProblem(reply: FastifyReply, body: Problem, error?: unknown): void {
  const retryAfter = retryAfterS(body, error);
  if (retryAfter !== null) reply.header("retry-after", retryAfter);
  if (body.status === 401) reply.header("www-authenticate", "Bearer");
  reply.status(body.status).header("content-type", "application/problem+json").send(JSON.stringify(body));
}

/** Seconds after which it is worth trying again; null: that is not known, or it never is. */
export function retryAfterS({ status }: Problem, error?: unknown): number | null {
  if (error instanceof WaggleError && error.retryAfterS !== null) return error.retryAfterS;
  return status === 503 ? RETRY_AFTER_S : null;
}

/** The problem an error stands for. */
export function toProblem(error: unknown): Problem {
  if (error instanceof WaggleError && isProblemCode(error.code)) {
    return problem(error.code, error.detail, error.errors);
  }
  const status = statusOf(error);
  const code =
    codeOf(error) === "FST_ERR_CTP_INVALID_JSON_BODY" || error instanceof SyntaxError
      ? "malformed_json"
      : CODE_OF_STATUS[status];
  if (!code) return problem("internal_error", "the error was logged");
  return problem(code, PROBLEMS[code].title);
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && "statusCode" in error && typeof error.statusCode === "number") return error.statusCode;
  return 500;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
