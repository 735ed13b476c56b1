import { type ArgumentsHost, Catch, Inject, type RpcExceptionFilter } from "@nestjs/common";
import { retryAfterS, toProblem } from "@waggle/service";
import { type Observable, throwError } from "rxjs";
import { callOf, methodOf } from "./rpc-call";
import { rpcProblem } from "./rpc-problem";

export const RPC_LOGGER = Symbol("the logger of the gRPC door");

/** HTTP's `ProblemFilter` at this door. */
@Catch()
export class RpcProblemFilter implements RpcExceptionFilter {
  constructor(@Inject(RPC_LOGGER) private readonly logger: { error(fields: object, event: string): void }) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> {
    const method = methodOf(callOf(host));
    const problem = toProblem(error);
    if (problem.code === "internal_error") {
      this.logger.error({ err: error, rpc: `${method.parent.typeName}/${method.name}` }, "request.failed");
    }
    return throwError(() => rpcProblem(problem, { request: method.input, retryAfterS: retryAfterS(problem, error) }));
  }
}
