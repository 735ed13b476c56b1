import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import type { Service } from "./service";

/** `/livez`, `/readyz` and `/metrics`, on every app, without a token. Source: contract §1. */
export function registerProbes(app: NestFastifyApplication, service: Service): void {
  const server = app.getHttpAdapter().getInstance();
  server.get("/livez", (_request, reply) => {
    reply.status(service.readiness.live ? 200 : 503).send({ live: service.readiness.live });
  });
  server.get("/readyz", (_request, reply) => {
    const { ready, report } = service.readiness;
    reply.status(ready ? 200 : 503).send({ ready, waiting_for: report });
  });
  server.get("/metrics", async (_request, reply) => {
    const text = await service.metrics.metrics();
    reply.header("content-type", service.metrics.contentType);
    return reply.send(text);
  });
}
