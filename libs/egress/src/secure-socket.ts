import { isIP, type Socket } from "node:net";
import { connect, createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from "node:tls";
import { EgressError } from "./egress-error";
import { socketReady } from "./socket-ready";

const MIN_VERSION = "TLSv1.2";

/** Made once and shared by all connections, because reading the root certificates takes milliseconds. */
export function createTlsContext(caCertificates: readonly string[]): SecureContext {
  // `ca` replaces the roots Node trusts; left out, NODE_EXTRA_CA_CERTS counts as well.
  const ca = caCertificates.length === 0 ? {} : { ca: [...rootCertificates, ...caCertificates] };
  return createSecureContext({ ...ca, minVersion: MIN_VERSION });
}

/**
 * TLS over a connected socket. The certificate is verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says, and must be
 * for `host`, the name or address of the URL, although an address was dialled. No session is resumed: Node checks
 * neither name nor expiry of a resumed one.
 * Rejects with EgressError `tls_invalid_certificate`, `tls_handshake_failed` or `timeout`; the socket is then gone.
 */
export async function secureSocket(
  socket: Socket,
  { host, context, limitMs }: { readonly host: string; readonly context: SecureContext; readonly limitMs: number },
): Promise<TLSSocket> {
  const secure = connect({
    socket,
    host,
    // RFC 6066 §3: an address is not sent as server name; Node then checks the certificate against `host`.
    servername: isIP(host) === 0 ? host : "",
    secureContext: context,
    minVersion: MIN_VERSION,
    rejectUnauthorized: true,
    ALPNProtocols: ["http/1.1"],
  });
  await socketReady(secure, "secureConnect", limitMs, (error) => tlsError(secure, error));
  return secure;
}

/** Whatever goes wrong between connected and secure is the handshake's, a reset included. */
function tlsError(secure: TLSSocket, cause: unknown): EgressError {
  return secure.authorizationError
    ? new EgressError("tls_invalid_certificate", "the certificate is not valid for this host", { cause })
    : new EgressError("tls_handshake_failed", "no TLS session could be agreed on", { cause });
}
