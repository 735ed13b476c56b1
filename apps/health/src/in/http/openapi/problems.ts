import { PROBLEM_CODES, PROBLEMS, type ProblemCode, problem, problemSchema } from "@waggle/contracts";
import type { ZodOpenApiResponseObject } from "zod-openapi";
import { type AnswerHeader, answerHeaders, RATE_HEADERS } from "./headers";
import type { Operation } from "./operation";

/** Any request may meet these. */
const ALWAYS: readonly ProblemCode[] = [
  "malformed_request",
  "unauthorized",
  "insufficient_scope",
  "rate_limited",
  "internal_error",
  "database_unavailable",
  "not_ready",
];

/** Requests that can have a body may meet these, whether they need one or not. */
const WITH_BODY: readonly ProblemCode[] = ["malformed_json", "payload_too_large", "unsupported_media_type"];

const REPEATED: readonly ProblemCode[] = ["idempotency_in_progress", "idempotency_key_reused", "validation_failed"];

const HEADERS: Readonly<Record<number, readonly AnswerHeader[]>> = {
  401: ["WWW-Authenticate"],
  429: ["Retry-After"],
  503: ["Retry-After"],
};

const FIELD_ERRORS = [{ path: "/name", message: "is required" }];

/**
 * Tells every problem that an operation may answer with, by status. Operations that may answer with the same ones share
 * a component of the document.
 */
export function problemAnswers(): (operation: Operation) => Record<string, ZodOpenApiResponseObject> {
  const components = new Map<string, ZodOpenApiResponseObject>();
  const shared = (codes: readonly ProblemCode[]) => {
    const name = codes.map(pascalCase).join("Or");
    const component = components.get(name) ?? problemAnswer(name, codes);
    components.set(name, component);
    return component;
  };
  return (operation) => {
    const may = codesOf(operation);
    const codes = PROBLEM_CODES.filter((code) => may.has(code));
    const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))];
    return Object.fromEntries(
      statuses.map((status) => [status, shared(codes.filter((code) => PROBLEMS[code].status === status))]),
    );
  };
}

function codesOf({ method, ids, query, body, repeatable, problems = [] }: Operation): ReadonlySet<ProblemCode> {
  return new Set([
    ...ALWAYS,
    ...(method === "get" ? [] : WITH_BODY),
    ...(ids || query ? (["not_found"] as const) : []),
    ...(query || body ? (["validation_failed"] as const) : []),
    ...(repeatable ? REPEATED : []),
    ...problems,
  ]);
}

function problemAnswer(id: string, codes: readonly ProblemCode[]): ZodOpenApiResponseObject {
  const [status] = codes.map((code) => PROBLEMS[code].status);
  return {
    id,
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(" "),
    headers: answerHeaders([...((status && HEADERS[status]) || []), ...RATE_HEADERS]),
    content: {
      "application/problem+json": {
        schema: problemSchema,
        examples: Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }])),
      },
    },
  };
}

function problemExample(code: ProblemCode) {
  return problem(code, PROBLEMS[code].title, code === "validation_failed" ? FIELD_ERRORS : []);
}

function pascalCase(code: string): string {
  return code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
