import type { IncomingHttpHeaders } from "node:http";
import { Controller, HttpCode, Param, Post, Req } from "@nestjs/common";
import { WaggleError } from "@waggle/domain";
import { bearerToken, Readiness, toProblem } from "@waggle/service";
import type { FastifyRequest } from "fastify";
import { Acceptor } from "../accept/acceptor";
import { MailAcceptor } from "../accept/mail/mail-acceptor";
import { MailMemory } from "../accept/mail/mail-memory";
import type { PublishAnswer } from "./events.controller";
import { PublishReport } from "./publish-report";
import { readMailBody } from "./read-mail-body";

export const INBOUND_PATH = "v1/inbound/:hash";

/** `POST /v1/inbound/{hash}`: one raw message for one inbound address of the key's tenant. Source: contract §2. */
@Controller(INBOUND_PATH)
export class InboundController {
  constructor(
    private readonly acceptor: Acceptor,
    private readonly mailAcceptor: MailAcceptor,
    private readonly memory: MailMemory,
    private readonly readiness: Readiness,
    private readonly report: PublishReport,
  ) {}

  @Post()
  @HttpCode(202)
  async publish(@Param("hash") hash: string, @Req() request: FastifyRequest): Promise<PublishAnswer> {
    const startedAt = performance.now();
    const seconds = () => (performance.now() - startedAt) / 1_000;
    let tenantId: string | null = null;
    try {
      if (!this.readiness.ready) throw new WaggleError("not_ready", "ingest is starting or stopping");
      const publisher = this.acceptor.authorize(bearerToken(request.headers.authorization));
      tenantId = publisher.tenantId;
      const recipient = this.mailAcceptor.addressOf(publisher.tenantId, hash);
      if (recipient === null) throw new WaggleError("not_found", "there is no such inbound address");
      refuseOtherTypes(request.headers);
      const envelope = { door: "http", sender: null, recipients: [recipient], keyId: publisher.keyId } as const;
      const ids = await readMailBody(request.raw, this.memory, (raw) => this.mailAcceptor.accept(envelope, raw));
      this.report.accepted({ tenantId: publisher.tenantId, events: ids.length, seconds: seconds() });
      return { accepted: ids.map((id) => ({ id })) };
    } catch (error) {
      this.report.refused({ code: toProblem(error).code, tenantId, events: 1, seconds: seconds() });
      throw error;
    }
  }
}

/** Parameters of the type are ignored: a message says itself how it is to be read. */
function refuseOtherTypes(headers: IncomingHttpHeaders): void {
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (type !== "message/rfc822") throw new WaggleError("unsupported_media_type", "send message/rfc822");
  if (encoding === "identity") return;
  throw new WaggleError("unsupported_media_type", "send the body uncompressed, without Content-Encoding");
}
