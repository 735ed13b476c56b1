import type { FastifyReply } from "fastify";
import type { RateReport } from "../../manage/rate-limits/doorkeeper";

/**
 * Says what a client may do and what is left of it: `RateLimit-Policy: "key";q=500;w=5` is 500 requests in 5 s, after
 * which as many may come again; `RateLimit: "key";r=499;t=1` that 499 may come now, and in 1 s as many as ever (when
 * none may: the next one). Source: draft-ietf-httpapi-ratelimit-headers-10.
 */
export function sendRate(reply: FastifyReply, { policy, limit, remaining, resetS }: RateReport): void {
  const windowS = Math.ceil(limit.burst / limit.perSecond);
  reply.header("ratelimit-policy", `"${policy}";q=${limit.burst};w=${windowS}`);
  reply.header("ratelimit", `"${policy}";r=${remaining};t=${resetS}`);
}
