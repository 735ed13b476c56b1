import type { Server } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { ServerGrpc } from "@nestjs/microservices";
import { PACKAGES, packageDefinition, reflectedFiles } from "./schema";
import { type GrpcTls, serverCredentials } from "./server-credentials";

export interface GrpcServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: GrpcTls | null;
}

/** As large as a body may be over HTTP. Answers are not limited: clients are, by default to 4 MiB. */
const MAX_REQUEST_BYTES = 1_048_576;

/** Calls of one connection at once: a proxy may carry those of many clients. */
const MAX_STREAMS = 1_000;

/** Shorter than the minute after which proxies give up a silent connection; a peer that is gone is noticed. */
const KEEPALIVE = { keepaliveTimeMs: 30_000, keepaliveTimeoutMs: 10_000 } as const;

/** How long a stop waits for the calls under way: a test may take 30 s, the whole shutdown 45. */
const CALLS_GRACE_MS = 20_000;

/** The gRPC door: every service of proto/, and reflection. */
export class GrpcServer extends ServerGrpc {
  private server: Server | null = null;

  constructor({ host, port, tls }: GrpcServerOptions) {
    super({
      url: `${host.includes(":") ? `[${host}]` : host}:${port}`,
      package: PACKAGES,
      packageDefinition: packageDefinition(),
      credentials: serverCredentials(tls),
      maxReceiveMessageLength: MAX_REQUEST_BYTES,
      keepalive: KEEPALIVE,
      channelOptions: { "grpc.max_concurrent_streams": MAX_STREAMS },
      gracefulShutdown: true,
      onLoadPackageDefinition: (_, server: Server) => {
        this.server = server;
        new ReflectionService(reflectedFiles()).addToServer(server);
      },
    });
  }

  /** Lets calls end, then ends those that do not. */
  override async close(): Promise<void> {
    const limit = setTimeout(() => this.server?.forceShutdown(), CALLS_GRACE_MS);
    try {
      await super.close();
    } finally {
      clearTimeout(limit);
    }
  }
}
