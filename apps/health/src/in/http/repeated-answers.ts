import type { CallHandler, ExecutionContext, NestInterceptor } from "@nestjs/common";
import type { FastifyReply } from "fastify";
import { map, type Observable } from "rxjs";
import { Answered } from "../../manage/idempotency/idempotency";

/** Sends the view of what was answered, and says when it is the answer to an earlier request. */
export class RepeatedAnswers implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((answer: unknown) => {
        if (!(answer instanceof Answered)) return answer;
        if (answer.replayed) reply.header("idempotency-replayed", "true");
        return answer.view;
      }),
    );
  }
}
