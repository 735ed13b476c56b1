import { Writable } from "node:stream";
import { createLogger } from "./logger";

/** What one line of a logger says, as JSON. */
function logged(fields: object): Record<string, unknown> {
  let line = "";
  const to = new Writable({
    write(chunk, _, done) {
      line += String(chunk);
      done();
    },
  });
  createLogger("router", "info", to).warn(fields, "database.failed");
  return JSON.parse(line);
}

test("a line is JSON with the app, the level by name, the event and its fields", () => {
  expect(logged({ records: 3 })).toMatchObject({ app: "router", level: "warn", event: "database.failed", records: 3 });
});

test("an error is logged without what it was about: its statement's values may be anybody's mail", () => {
  const driver = Object.assign(new Error("deadlock detected"), { code: "40P01", detail: "Key (to)=(a@b.c)" });
  const failed = Object.assign(new Error("query failed", { cause: driver }), { parameters: ["a@b.c"], query: "…" });
  const { err } = logged({ err: failed });
  expect(err).toMatchObject({
    type: "Error",
    message: "query failed",
    cause: { code: "40P01", message: "deadlock detected" },
  });
  expect(JSON.stringify(err)).not.toContain("a@b.c");
});
