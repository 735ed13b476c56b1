import { Module } from "@nestjs/common";
import { DocsController } from "./in/http/openapi/docs.controller";
import { OpenApiController } from "./in/http/openapi/openapi.controller";

/** What the management API is, for programs and for people. */
@Module({ controllers: [OpenApiController, DocsController] })
export class OpenApiModule {}
