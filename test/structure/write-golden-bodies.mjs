/**
 * Writes the golden bodies anew from the events beside them, after `npm run build`:
 * `node test/structure/write-golden-bodies.mjs`. Read the difference before you commit it: receivers see these bytes.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const golden = new URL("./golden/", import.meta.url);
const { DIALECTS, renderBody } = createRequire(import.meta.url)("../../dist/libs/domain/src/index.js");

for (const file of readdirSync(new URL("events/", golden))) {
  const event = JSON.parse(readFileSync(new URL(`events/${file}`, golden), "utf8"));
  for (const dialect of DIALECTS) {
    mkdirSync(new URL(`${dialect}/`, golden), { recursive: true });
    writeFileSync(new URL(`${dialect}/${file}`, golden), renderBody(dialect, event));
  }
}
