import { type DynamicModule, Module } from "@nestjs/common";
import type { Config, GRPC_VARIABLES } from "@waggle/service";
import { GrpcServer } from "./in/grpc/grpc-server";
import { GrpcHealthController } from "./in/grpc/health.controller";
import type { GrpcTls } from "./in/grpc/server-credentials";

type GrpcConfig = Config<"BIND_HOST" | (typeof GRPC_VARIABLES)[number]>;

@Module({})
class GrpcModule {}

/** Wires the gRPC door. What is behind it stands, controller by controller, in the modules of its HTTP counterparts. */
export function grpcModule(config: GrpcConfig): DynamicModule {
  const server = new GrpcServer({ host: config.BIND_HOST, port: config.GRPC_PORT, tls: grpcTls(config) });
  return {
    module: GrpcModule,
    controllers: [GrpcHealthController],
    providers: [{ provide: GrpcServer, useValue: server }],
  };
}

/** An empty name is no file. */
function grpcTls(config: GrpcConfig): GrpcTls | null {
  const { GRPC_TLS_CERT_FILE: certFile, GRPC_TLS_KEY_FILE: keyFile, GRPC_TLS_CLIENT_CA_FILE: clientCaFile } = config;
  return certFile === "" ? null : { certFile, keyFile, clientCaFile: clientCaFile === "" ? null : clientCaFile };
}
