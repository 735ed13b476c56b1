import type { JsonObject } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { GrpcMethod } from "@nestjs/microservices";
import { WaggleError } from "@waggle/domain";
import { bearerToken } from "@waggle/service";
import { from, type Observable } from "rxjs";
import { type HappeningsOptions, happenings } from "../../live/happenings";
import { LiveAttempts } from "../../live/live-attempts";
import type { Happening, Watch } from "../../live/watch";
import { Authenticator } from "../../manage/authenticator";
import type { Caller } from "../../manage/caller";
import { drained, STALLED_HEARTBEATS } from "../drained";
import { isStillValid } from "../token-validity";
import { liveAttemptView } from "../views/live-view";
import { metadataText, RpcStream, type RpcStreamCall } from "./rpc-call";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asQuestion } from "./use-case-input";

/** Nothing is said for it here: that the other end is still there is for HTTP/2 to find out. */
const HEARTBEAT_MS = 15_000;

/** Attempts as they happen: `GET /v1/live` at this door. */
@RpcService()
export class GrpcLiveController {
  constructor(
    private readonly live: LiveAttempts,
    private readonly authenticator: Authenticator,
  ) {}

  @GrpcMethod("Deliveries", "Watch")
  async watch(
    @RpcCaller() caller: Caller,
    @RpcRequest() request: JsonObject,
    @RpcStream() call: RpcStreamCall,
  ): Promise<Observable<object>> {
    const token = bearerToken(metadataText(call, "authorization"));
    const watch = await this.live.watch(caller, asQuestion(request).query);
    call.once("cancelled", () => watch.end("left"));
    // Who left while the watch was being made ready is not told of again.
    if (call.cancelled) watch.end("left");
    // The headers tell who watches that nothing will be missed from now on.
    call.sendMetadata(new Metadata());
    const isAllowed = () => isStillValid(token, this.authenticator);
    return from(responses(watch, call, { heartbeatMs: HEARTBEAT_MS, isAllowed, now: Date.now }));
  }
}

/**
 * What a watch learns, no faster than it is read: what is not read in time stays with the watch, whose memory is
 * bounded.
 * @throws WaggleError when the watch was ended by this side
 */
async function* responses(watch: Watch, call: RpcStreamCall, options: HappeningsOptions): AsyncGenerator<object> {
  for await (const happened of happenings(watch, options)) {
    for (const happening of happened) {
      yield response(happening);
      if (!call.writableNeedDrain) continue;
      if (!(await drained(call, watch.signal, options.heartbeatMs * STALLED_HEARTBEATS))) watch.end("left");
    }
  }
  if (watch.ended === "stopping") throw new WaggleError("not_ready", "health is stopping");
  if (watch.ended === "unauthorized") throw new WaggleError("unauthorized", "the token is no longer valid");
}

function response(happening: Happening): object {
  if (happening.kind === "dropped") return { dropped: { count: happening.count } };
  const { attempt } = happening;
  return { id: attempt.try_id, [attempt.try === null ? "end" : "attempt"]: liveAttemptView(attempt) };
}
