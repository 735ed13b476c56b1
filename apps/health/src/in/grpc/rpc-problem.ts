import type { DescMessage } from "@bufbuild/protobuf";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { PROBLEMS, type Problem, type ProblemCode } from "@waggle/contracts";
import { fieldPath } from "./field-path";
import { writeMessage } from "./message-json";
import { messageNamed } from "./schema";

type HttpStatus = (typeof PROBLEMS)[ProblemCode]["status"];

/** Source: google.rpc.Code, which names HTTP's counterparts. */
const STATUS: Readonly<Record<HttpStatus, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  405: status.UNIMPLEMENTED,
  409: status.FAILED_PRECONDITION,
  // AIP-154: read it again, then decide again.
  412: status.ABORTED,
  413: status.INVALID_ARGUMENT,
  415: status.INVALID_ARGUMENT,
  422: status.INVALID_ARGUMENT,
  429: status.RESOURCE_EXHAUSTED,
  500: status.INTERNAL,
  503: status.UNAVAILABLE,
};

/** Where gRPC tells apart what HTTP does not. */
const STATUS_OF_CODE: Partial<Readonly<Record<ProblemCode, status>>> = {
  limit_reached: status.RESOURCE_EXHAUSTED,
  idempotency_in_progress: status.ABORTED,
};

/** Of ErrorInfo. */
const DOMAIN = "waggle";

/** Bytes of details: trailers are headers, of which many clients and proxies take 8 KiB, in base64. */
const DETAILS_LIMIT = 4_096;

const STATUS_MESSAGE = messageNamed("google.rpc.Status");

/** The status of a problem; `docs/grpc.md` lists the same, held to it by a test. */
export function grpcStatus(code: ProblemCode): status {
  return STATUS_OF_CODE[code] ?? STATUS[PROBLEMS[code].status];
}

/**
 * A problem as gRPC has it: the standard status, and in `grpc-status-details-bin` ErrorInfo, BadRequest for wrong fields
 * – as many as fit – and RetryInfo when it is worth trying again.
 */
export function rpcProblem(
  problem: Problem,
  { request, retryAfterS }: { readonly request: DescMessage; readonly retryAfterS: number | null },
): ServiceError {
  const code = grpcStatus(problem.code);
  const violations = problem.errors.map(({ path, message }) => {
    return { field: fieldPath(path, request), description: message };
  });
  const details = (told: number) => [
    { ...typed("ErrorInfo"), reason: problem.code, domain: DOMAIN },
    ...(told > 0 ? [{ ...typed("BadRequest"), field_violations: violations.slice(0, told) }] : []),
    ...(retryAfterS === null ? [] : [{ ...typed("RetryInfo"), retry_delay: `${retryAfterS}s` }]),
  ];
  let told = violations.length;
  const encoded = () => writeMessage(STATUS_MESSAGE, { code, message: problem.detail, details: details(told) });
  let bytes = encoded();
  while (bytes.length > DETAILS_LIMIT && told > 0) {
    told = Math.floor(told / 2);
    bytes = encoded();
  }
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", bytes);
  return Object.assign(new Error(problem.detail), { code, details: problem.detail, metadata });
}

/** What tells one detail from another in google.protobuf.Any. */
function typed(name: string) {
  return { "@type": `type.googleapis.com/google.rpc.${name}` };
}
