import { errors } from "undici";
import { classifyConnectError } from "./classify-connect-error";
import { EgressError } from "./egress-error";

const withCode = (code: string, more: object = {}): Error => Object.assign(new Error("any text"), { code }, more);

test.each([
  ["ECONNREFUSED", "connection_refused"],
  ["ECONNRESET", "connection_reset"],
  ["EPIPE", "connection_reset"],
  ["ECONNABORTED", "connection_reset"],
  ["ETIMEDOUT", "timeout"],
  ["EHOSTUNREACH", "connection_failed"],
  ["ENETUNREACH", "connection_failed"],
  ["EADDRNOTAVAIL", "connection_failed"],
  ["EMFILE", "connection_failed"],
  ["ENOTFOUND", "dns_failed"],
  ["EAI_AGAIN", "dns_failed"],
  ["CERT_HAS_EXPIRED", "tls_invalid_certificate"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls_invalid_certificate"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls_invalid_certificate"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "tls_handshake_failed"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "tls_handshake_failed"],
  ["EPROTO", "tls_handshake_failed"],
  ["HPE_INVALID_CONSTANT", "malformed_response"],
  ["HPE_HEADER_OVERFLOW", "headers_too_large"],
  ["toString", "connection_failed"],
])("%s is %s", (code, expected) => {
  expect(classifyConnectError(withCode(code))).toBe(expected);
});

test.each([
  [new errors.ConnectTimeoutError(), "timeout"],
  [new errors.HeadersTimeoutError(), "timeout"],
  [new errors.BodyTimeoutError(), "timeout"],
  [new errors.RequestAbortedError(), "timeout"],
  [new errors.HeadersOverflowError(), "headers_too_large"],
  [new errors.SocketError("other side closed"), "connection_reset"],
  [new errors.ResponseContentLengthMismatchError(), "malformed_response"],
  [new errors.HTTPParserError("Response does not match the HTTP/1.1 protocol"), "malformed_response"],
])("undici's %p is %s", (error, expected) => {
  expect(classifyConnectError(error)).toBe(expected);
});

test("a deadline's abort is a timeout", async () => {
  const signal = AbortSignal.timeout(1);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  expect(classifyConnectError(signal.reason)).toBe("timeout");
  expect(classifyConnectError(withCode("ABORT_ERR", { name: "AbortError" }))).toBe("timeout");
});

test("a name server that refuses or does not answer is not the receiver's doing", () => {
  expect(classifyConnectError(withCode("ECONNREFUSED", { syscall: "queryA" }))).toBe("dns_failed");
  expect(classifyConnectError(withCode("ETIMEOUT", { syscall: "queryAaaa" }))).toBe("timeout");
  expect(classifyConnectError(withCode("ECONNREFUSED", { syscall: "connect" }))).toBe("connection_refused");
});

test("the connector's own errors keep their code", () => {
  expect(classifyConnectError(new EgressError("address_refused", "x"))).toBe("address_refused");
});

test("errors inside other errors are found", () => {
  const cause = withCode("ECONNREFUSED");
  expect(classifyConnectError(new TypeError("fetch failed", { cause }))).toBe("connection_refused");
  expect(classifyConnectError(new TypeError("fetch failed", { cause: new AggregateError([cause]) }))).toBe(
    "connection_refused",
  );
  expect(classifyConnectError(withCode("ERR_UNHEARD_OF", { cause }))).toBe("connection_refused");
});

test("what is unknown, or no error at all, is a failed connection and never throws", () => {
  const circle = new Error("a");
  circle.cause = circle;
  for (const error of [circle, undefined, null, "ECONNRESET", {}, new Error("ECONNRESET"), { code: 7 }]) {
    expect(classifyConnectError(error)).toBe("connection_failed");
  }
});
