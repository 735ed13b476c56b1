import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Controller, Get, Param, Res } from "@nestjs/common";
import { WaggleError } from "@waggle/domain";
import type { FastifyReply } from "fastify";
import { DOCS_PAGE, DOCS_SCRIPT } from "./docs-page";

/** What the page is made of, out of the package: no CDN, and nothing else of it is served. */
const FILES: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const HEADERS = {
  // The icons of Swagger UI's style sheet are data URLs.
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
} as const;

/** The management API as a page for people, to read and to try. */
@Controller("docs")
export class DocsController {
  private readonly folder = dirname(require.resolve("swagger-ui-dist/package.json"));

  @Get()
  page(@Res({ passthrough: true }) reply: FastifyReply): string {
    reply.headers({ ...HEADERS, "content-type": "text/html; charset=utf-8" });
    return DOCS_PAGE;
  }

  @Get("start.js")
  script(@Res({ passthrough: true }) reply: FastifyReply): string {
    reply.headers({ ...HEADERS, "content-type": "text/javascript; charset=utf-8" });
    return DOCS_SCRIPT;
  }

  @Get(":file")
  async file(@Param("file") file: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const type = Object.hasOwn(FILES, file) ? FILES[file] : undefined;
    if (type === undefined) throw new WaggleError("not_found", "the page has no such file");
    const content = await readFile(join(this.folder, file));
    reply.headers({ ...HEADERS, "content-type": type });
    return content;
  }
}
