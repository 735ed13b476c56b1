import { Controller, Get, Module, Patch, Post } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { followRoutes, refuseOtherMethods } from "./other-methods";

@Controller("things")
class Things {
  @Get(":id")
  get() {
    return { found: true };
  }

  @Patch(":id")
  change() {
    return { changed: true };
  }

  @Post("preview")
  preview() {
    return { previewed: true };
  }
}

@Module({ controllers: [Things] })
class ThingsModule {}

let app: NestFastifyApplication;

beforeAll(async () => {
  const adapter = new FastifyAdapter({ exposeHeadRoutes: false });
  const known = followRoutes(adapter.getInstance());
  app = await NestFactory.create<NestFastifyApplication>(ThingsModule, adapter, { logger: false });
  await app.init();
  refuseOtherMethods(app, known);
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());

const ask = (method: "GET" | "PUT" | "DELETE" | "PATCH" | "POST", url: string) => app.inject({ method, url });

it.each([
  ["PUT", "/things/1", "GET, PATCH"],
  ["POST", "/things/1", "GET, PATCH"],
  ["DELETE", "/things/preview", "POST"],
] as const)("%s %s is refused, and said what is not", async (method, url, allow) => {
  const { statusCode, headers, body } = await ask(method, url);
  expect([statusCode, headers.allow]).toEqual([405, allow]);
  expect(headers["content-type"]).toMatch(/^application\/problem\+json\b/);
  expect(JSON.parse(body)).toMatchObject({ code: "method_not_allowed", status: 405 });
});

it("leaves those alone that a path knows, and paths that are not there", async () => {
  expect((await ask("GET", "/things/1")).json()).toEqual({ found: true });
  expect((await ask("POST", "/things/preview")).json()).toEqual({ previewed: true });
  expect((await ask("PUT", "/nothing")).statusCode).toBe(404);
});
