import { Injectable, type OnModuleInit } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import { WaggleError } from "@waggle/domain";
import type { FastifyInstance } from "fastify";

/**
 * Bodies are JSON and nothing else (415). One that is announced but empty is none: many clients set the header on
 * every request, also on DELETE and on `POST …/enable`, where Fastify would answer 400. What is wrong with a body is
 * said by ourselves, because Nest strips Fastify's errors of their codes.
 */
@Injectable()
export class JsonBodies implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const server: FastifyInstance = this.host.httpAdapter.getInstance();
    const parse = server.getDefaultJsonParser("error", "error");
    server.removeAllContentTypeParsers();
    server.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, text, done) => {
      if (text === "") return done(null, undefined);
      void parse(request, text, (error, body) => {
        if (error) done(new WaggleError("malformed_json", "the body is not valid JSON"));
        else done(null, body);
      });
    });
  }
}
