import type { JsonObject } from "@bufbuild/protobuf";
import { Controller, type OnModuleDestroy, UseFilters, UseInterceptors } from "@nestjs/common";
import { GrpcMethod } from "@nestjs/microservices";
import { WaggleError } from "@waggle/domain";
import { Readiness } from "@waggle/service";
import { concat, distinctUntilChanged, interval, map, type Observable, of, Subject, startWith, takeUntil } from "rxjs";
import { RpcAnswers, RpcRequest } from "./rpc-messages";
import { RpcProblemFilter } from "./rpc-problem.filter";
import { SERVICE_NAMES } from "./schema";

const LOOK_EVERY_MS = 1_000;

/** Of the process as a whole. */
const ALL = "";

type ServingStatus = "SERVING" | "NOT_SERVING" | "SERVICE_UNKNOWN";

/** grpc.health.v1, without a token: serving is what `/readyz` calls ready. */
@Controller()
@UseInterceptors(RpcAnswers)
@UseFilters(RpcProblemFilter)
export class GrpcHealthController implements OnModuleDestroy {
  private readonly stopping = new Subject<void>();

  constructor(private readonly readiness: Readiness) {}

  @GrpcMethod("Health", "Check")
  check(@RpcRequest() { service = ALL }: JsonObject) {
    const serving = this.statusOf(service);
    if (serving === "SERVICE_UNKNOWN") throw new WaggleError("not_found", "there is no such service");
    return { status: serving };
  }

  @GrpcMethod("Health", "Watch")
  watch(@RpcRequest() { service = ALL }: JsonObject): Observable<object> {
    const statuses = interval(LOOK_EVERY_MS).pipe(
      startWith(0),
      map(() => this.statusOf(service)),
      takeUntil(this.stopping),
    );
    return concat(statuses, of<ServingStatus>("NOT_SERVING")).pipe(
      distinctUntilChanged(),
      map((serving) => ({ status: serving })),
    );
  }

  /** Nest calls this before it waits for calls to end. */
  onModuleDestroy(): void {
    this.stopping.next();
  }

  private statusOf(service: unknown): ServingStatus {
    if (service !== ALL && !SERVICE_NAMES.some((name) => name === service)) return "SERVICE_UNKNOWN";
    return this.readiness.ready ? "SERVING" : "NOT_SERVING";
  }
}
