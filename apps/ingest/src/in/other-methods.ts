import { Injectable, type OnModuleInit } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import { problem } from "@waggle/contracts";
import { sendProblem } from "@waggle/service";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { EVENTS_PATH } from "./events.controller";
import { INBOUND_PATH } from "./inbound.controller";

/** Any other method on a publish route is 405 with `Allow` (RFC 9110 §15.5.6), where it would be 404 otherwise. */
@Injectable()
export class OtherMethods implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    this.refuseOn(EVENTS_PATH, "events are published with POST");
    this.refuseOn(INBOUND_PATH, "mail is handed in with POST");
  }

  private refuseOn(path: string, detail: string): void {
    const server: FastifyInstance = this.host.httpAdapter.getInstance();
    const refuse = async (_request: FastifyRequest, reply: FastifyReply) => {
      reply.header("allow", "POST");
      sendProblem(reply, problem("method_not_allowed", detail));
      return reply;
    };
    const method = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"];
    // Before a body is looked at, which could lead to another answer.
    server.route({ method, url: `/${path}`, onRequest: refuse, handler: refuse });
  }
}
