import { Controller, HttpCode, Post, Req } from "@nestjs/common";
import { PUBLISH_LIMITS } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { bearerToken, Readiness, toProblem } from "@waggle/service";
import type { FastifyRequest } from "fastify";
import { Acceptor } from "../accept/acceptor";
import { bodyForm } from "./body-form";
import { PublishReport } from "./publish-report";
import { readBody } from "./read-body";
import { readSubmission } from "./read-submission";

export const EVENTS_PATH = "v1/events";

/** The ids of what was accepted, in the order of the request. */
export interface PublishAnswer {
  readonly accepted: readonly { readonly id: string }[];
}

/** `POST /v1/events`. The key is judged before a byte of the body is read. Source: contract §2. */
@Controller(EVENTS_PATH)
export class EventsController {
  constructor(
    private readonly acceptor: Acceptor,
    private readonly readiness: Readiness,
    private readonly report: PublishReport,
  ) {}

  @Post()
  @HttpCode(202)
  async publish(@Req() request: FastifyRequest): Promise<PublishAnswer> {
    const startedAt = performance.now();
    const seconds = () => (performance.now() - startedAt) / 1_000;
    let tenantId: string | null = null;
    let events = 1;
    try {
      if (!this.readiness.ready) throw new WaggleError("not_ready", "ingest is starting or stopping");
      const publisher = this.acceptor.authorize(bearerToken(request.headers.authorization));
      tenantId = publisher.tenantId;
      const form = bodyForm(request.headers);
      const submission = readSubmission(await readBody(request.raw, PUBLISH_LIMITS.bodyBytes), form);
      events = submission.values.length;
      const ids = await this.acceptor.accept(publisher, submission);
      this.report.accepted({ tenantId, events, seconds: seconds() });
      return { accepted: ids.map((id) => ({ id })) };
    } catch (error) {
      this.report.refused({ code: toProblem(error).code, tenantId, events, seconds: seconds() });
      throw error;
    }
  }
}
