import "reflect-metadata";
import { RequestMethod } from "@nestjs/common";
import { METHOD_METADATA, PATH_METADATA } from "@nestjs/common/constants";
import { VERSION } from "@waggle/service";
import { openApiDocument } from "../../apps/health/src/in/http/openapi/document";
import { filesBelow, textOf } from "./repository-files";

const document = openApiDocument(VERSION);

/** `get /v1/tenants/{}`: what a parameter is called is each side's own matter. */
const nameless = (method: string, path: string) => `${method} ${path.replace(/\{[^}]*\}|:[^/]+/g, "{}")}`;

/** What the controllers of the health app answer, as their decorators say. */
function registeredRoutes(): string[] {
  return filesBelow("apps/health/src/in/http")
    .filter((file) => file.endsWith(".controller.ts"))
    .flatMap((file) => Object.values<unknown>(require(`../../${file}`)))
    .flatMap((controller) => (isController(controller) ? routesOf(controller) : []));
}

function isController(exported: unknown): exported is { readonly prototype: object } {
  return typeof exported === "function" && Reflect.hasMetadata(PATH_METADATA, exported);
}

function routesOf(controller: { readonly prototype: object }): string[] {
  const base: unknown = Reflect.getMetadata(PATH_METADATA, controller);
  if (typeof base !== "string") return [];
  return Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
    const handler: unknown = Reflect.get(controller.prototype, name);
    if (typeof handler !== "function" || name === "constructor") return [];
    const path: unknown = Reflect.getMetadata(PATH_METADATA, handler);
    if (typeof path !== "string") return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler)] ?? "";
    return [nameless(method.toLowerCase(), `/${base}/${path}`.replace(/\/+/g, "/").replace(/\/$/, ""))];
  });
}

it("is the same in docs/openapi.json as it is served (npm run openapi:write)", () => {
  expect(JSON.parse(textOf("docs/openapi.json"))).toEqual(JSON.parse(JSON.stringify(document)));
});

it("knows the operations that there are, and no others", () => {
  const documented = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.keys(item).map((method) => nameless(method, path)),
  );
  const managed = registeredRoutes().filter((route) => route.split(" ")[1]?.startsWith("/v1/"));
  expect(documented.sort()).toEqual(managed.sort());
});
