import { Injectable, type OnModuleInit } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import type { FastifyInstance } from "fastify";

/**
 * A request that announces JSON and then sends nothing has no body, as one that announces nothing: many clients set
 * the header on every request, also on DELETE and on `POST …/enable`, where Fastify would answer 400.
 */
@Injectable()
export class EmptyBodies implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const server: FastifyInstance = this.host.httpAdapter.getInstance();
    server.addHook("onRequest", (request, _reply, next) => {
      const { "content-length": length, "transfer-encoding": encoding } = request.headers;
      if (encoding === undefined && (length === undefined || length === "0")) delete request.headers["content-type"];
      next();
    });
  }
}
