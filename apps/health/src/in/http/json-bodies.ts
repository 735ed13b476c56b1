import { Injectable, type OnModuleInit } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import type { FastifyInstance } from "fastify";

/** Stands for a body that is no JSON until it is known who sent it: who may not ask does not learn what is wrong. */
export const NO_JSON = Symbol("no JSON");

/**
 * Bodies are JSON and nothing else (415). One that is announced but empty is none: many clients set the header on
 * every request, also on DELETE and on `POST …/enable`, where Fastify would answer 400.
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
        done(null, error ? NO_JSON : body);
      });
    });
  }
}
