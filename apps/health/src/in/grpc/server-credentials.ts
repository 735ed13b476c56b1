import { readFileSync } from "node:fs";
import { ServerCredentials } from "@grpc/grpc-js";

/** Files in PEM. */
export interface GrpcTls {
  /** The server's certificate, with its chain. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Who must have signed a client's certificate; null: clients need none. */
  readonly clientCaFile: string | null;
}

/**
 * Plain text without `tls`. The files are read once: a renewed certificate takes a restart.
 * @throws Error when a file cannot be read, or is no PEM
 */
export function serverCredentials(tls: GrpcTls | null): ServerCredentials {
  if (tls === null) return ServerCredentials.createInsecure();
  const pair = { private_key: readFileSync(tls.keyFile), cert_chain: readFileSync(tls.certFile) };
  const clientCa = tls.clientCaFile === null ? null : readFileSync(tls.clientCaFile);
  return ServerCredentials.createSsl(clientCa, [pair], clientCa !== null);
}
