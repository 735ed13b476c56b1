import { EgressError, type EgressErrorCode } from "./egress-error";

/** Codes of libuv, c-ares and undici. */
const BY_CODE: Readonly<Record<string, EgressErrorCode>> = {
  ECONNREFUSED: "connection_refused",
  ECONNRESET: "connection_reset",
  ECONNABORTED: "connection_reset",
  EPIPE: "connection_reset",
  UND_ERR_SOCKET: "connection_reset",
  ETIMEDOUT: "timeout",
  ETIMEOUT: "timeout",
  ABORT_ERR: "timeout",
  UND_ERR_ABORTED: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  ERR_TLS_HANDSHAKE_TIMEOUT: "timeout",
  ENOTFOUND: "dns_failed",
  ENODATA: "dns_failed",
  ESERVFAIL: "dns_failed",
  EPROTO: "tls_handshake_failed",
  UND_ERR_HEADERS_OVERFLOW: "headers_too_large",
  HPE_HEADER_OVERFLOW: "headers_too_large",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "malformed_response",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "malformed_response",
};

const BY_PREFIX: readonly (readonly [string, EgressErrorCode])[] = [
  ["HPE_", "malformed_response"],
  ["EAI_", "dns_failed"],
  ["ERR_TLS_CERT_", "tls_invalid_certificate"],
  ["ERR_TLS_", "tls_handshake_failed"],
  ["ERR_SSL_", "tls_handshake_failed"],
];

/** OpenSSL's verification results (X509_V_ERR_*) as Node spells them in `code`. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "UNABLE_TO_GET_CRL",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_SIGNATURE_FAILURE",
  "CERT_NOT_YET_VALID",
  "CERT_HAS_EXPIRED",
  "CERT_CHAIN_TOO_LONG",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "HOSTNAME_MISMATCH",
]);

/** Deep enough for fetch's TypeError around an AggregateError; errors that cause each other must end somewhere. */
const MAX_DEPTH = 5;

/**
 * The attempt error for whatever ended a request: the connector's own errors, Node's and undici's, by `code` and
 * never by message, through `cause` and `errors` when the outer error has no code that is known. An abort counts as
 * `timeout`, because the attempt's deadline is the only thing that aborts one. What is unknown is `connection_failed`.
 */
export function classifyConnectError(error: unknown): EgressErrorCode {
  return classify(error, 0) ?? "connection_failed";
}

function classify(error: unknown, depth: number): EgressErrorCode | undefined {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return undefined;
  if (error instanceof EgressError) return error.code;
  const code = textOf(error, "code");
  // A name server that refuses the connection is ECONNREFUSED too, but of a query.
  if (/^(query|getaddrinfo)/.test(textOf(error, "syscall"))) return code === "ETIMEOUT" ? "timeout" : "dns_failed";
  const name = textOf(error, "name");
  if (name === "TimeoutError") return "timeout";
  // undici means to give it a code, HPE_ and llhttp's name of what is wrong, but its list of names is empty.
  if (name === "HTTPParserError" && code === "") return "malformed_response";
  return classifyCode(code) ?? classify(innerError(error), depth + 1);
}

function classifyCode(code: string): EgressErrorCode | undefined {
  if (CERTIFICATE_CODES.has(code)) return "tls_invalid_certificate";
  return Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1];
}

function innerError(error: object): unknown {
  if ("errors" in error && Array.isArray(error.errors)) return error.errors[0];
  return "cause" in error ? error.cause : undefined;
}

/** Checked by shape, not by class: errors of another realm (a worker, a test sandbox) are errors too. */
function textOf(error: object, key: "code" | "syscall" | "name"): string {
  const value: unknown = key in error ? Reflect.get(error, key) : undefined;
  return typeof value === "string" ? value : "";
}
