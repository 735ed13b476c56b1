import type { CallHandler, ExecutionContext, NestInterceptor } from "@nestjs/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import { map, type Observable } from "rxjs";
import { z } from "zod";

const taggedSchema = z.object({ etag: z.string() });

/**
 * What is answered with an `etag` has it in the header `ETag` too, and a `GET` whose client has that state already is
 * answered with 304. Sources: RFC 9110 §8.8.3, §13.1.2.
 */
export class EntityTags implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((answer: unknown) => {
        const tagged = taggedSchema.safeParse(answer);
        if (!tagged.success) return answer;
        reply.header("etag", tagged.data.etag);
        if (request.method !== "GET" || !names(request.headers["if-none-match"], tagged.data.etag)) return answer;
        reply.status(304);
        return undefined;
      }),
    );
  }
}

/** Weak comparison: a proxy that compressed the answer may have weakened its tag. */
function names(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = ifNoneMatch?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes("*") || tags.includes(etag);
}
