/** `npm run openapi:write`: writes docs/openapi.json as the health app serves it. A test compares the two. */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { repositoryDir } from "../stack/directories.mjs";

const load = createRequire(import.meta.url);
const { openApiDocument } = load("../../dist/apps/health/src/in/http/openapi/document.js");
const { VERSION } = load("../../dist/libs/service/src/index.js");

writeFileSync(join(repositoryDir, "docs/openapi.json"), `${JSON.stringify(openApiDocument(VERSION), null, 2)}\n`);
