import { Controller, Get, Header } from "@nestjs/common";
import { VERSION } from "@waggle/service";
import { openApiDocument } from "./document";

/** The management API as a document for programs. Anybody may read it: it is public in the repository too. */
@Controller("openapi.json")
export class OpenApiController {
  private readonly text = JSON.stringify(openApiDocument(VERSION));

  @Get()
  @Header("content-type", "application/json; charset=utf-8")
  @Header("cache-control", "no-cache")
  document(): string {
    return this.text;
  }
}
