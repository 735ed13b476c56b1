import { Controller, Get, type OnModuleDestroy, Query, Req, Res, UseGuards } from "@nestjs/common";
import { bearerToken } from "@waggle/service";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LiveAttempts } from "../../live/live-attempts";
import { Authenticator } from "../../manage/authenticator";
import type { Caller } from "../../manage/caller";
import { isStillValid } from "../token-validity";
import { CallerGuard, CurrentCaller } from "./caller.guard";
import { streamLive } from "./live-stream";

/** Shorter than the minute after which proxies give up a silent connection. */
const HEARTBEAT_MS = 15_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  // nginx would gather the stream.
  "x-accel-buffering": "no",
} as const;

/** Attempts as they happen. Source: contract §4. */
@Controller("v1/live")
@UseGuards(CallerGuard)
export class LiveController implements OnModuleDestroy {
  constructor(
    private readonly live: LiveAttempts,
    private readonly authenticator: Authenticator,
  ) {}

  @Get()
  async stream(
    @CurrentCaller() caller: Caller,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const watch = await this.live.watch(caller, query);
    reply.headers(HEADERS).hijack();
    for (const [name, value = ""] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value);
    reply.raw.writeHead(200);
    const token = bearerToken(request.headers.authorization);
    await streamLive(watch, reply.raw, {
      heartbeatMs: HEARTBEAT_MS,
      isAllowed: () => isStillValid(token, this.authenticator),
      now: Date.now,
    });
  }

  /** Nest calls this before it waits for the server's connections to close. */
  onModuleDestroy(): Promise<void> {
    return this.live.stop();
  }
}
