/**
 * Writes the golden bodies anew from the events and messages beside them, after `npm run build`:
 * `node test/structure/write-golden-bodies.mjs`. Read the difference before you commit it: receivers see these bytes.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const golden = new URL("./golden/", import.meta.url);
/** What is built is not checked as a source. @param {string} lib */
const built = async (lib) =>
  (await import(new URL(`../../dist/libs/${lib}/src/index.js`, import.meta.url).href)).default;
const { DIALECTS, renderBody, renderInbound } = await built("domain");
const { MAX_BODY_BYTES } = await built("contracts");
const { parseMessage } = await built("mail");
const origin = JSON.parse(readFileSync(new URL("mail-origin.json", golden), "utf8"));

for (const dialect of DIALECTS) mkdirSync(new URL(`${dialect}/`, golden), { recursive: true });
for (const file of readdirSync(new URL("events/", golden))) {
  const event = JSON.parse(readFileSync(new URL(`events/${file}`, golden), "utf8"));
  for (const dialect of DIALECTS) writeFileSync(new URL(`${dialect}/${file}`, golden), renderBody(dialect, event));
}
for (const file of readdirSync(new URL("mail/", golden))) {
  const message = await parseMessage(readFileSync(new URL(`mail/${file}`, golden)));
  for (const dialect of DIALECTS) {
    const body = renderInbound(dialect, { ...origin, message }, MAX_BODY_BYTES);
    writeFileSync(new URL(`${dialect}/${file.replace(/eml$/, "json")}`, golden), body);
  }
}
