import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeEmailEvent, encodeEmailEvent } from "@waggle/contracts";
import { DIALECTS, OUTBOUND_EVENT_TYPES, renderBody } from "@waggle/domain";

const GOLDEN = join(__dirname, "golden");
const EVENTS = readdirSync(join(GOLDEN, "events"));

function eventIn(file: string) {
  return decodeEmailEvent({ value: readFileSync(join(GOLDEN, "events", file)) });
}

describe("golden bodies", () => {
  it("cover every event type with a minimal and a full event", () => {
    for (const type of OUTBOUND_EVENT_TYPES) {
      expect(EVENTS).toEqual(expect.arrayContaining([`${type}.minimal.json`, `${type}.full.json`]));
      expect(eventIn(`${type}.full.json`).type).toBe(type);
      expect(eventIn(`${type}.minimal.json`).type).toBe(type);
    }
  });

  describe.each(DIALECTS)("in the %s dialect", (dialect) => {
    it("are one per event", () => {
      expect(readdirSync(join(GOLDEN, dialect))).toEqual(EVENTS);
    });

    it.each(EVENTS)("are rendered byte for byte: %s", (file) => {
      const golden = readFileSync(join(GOLDEN, dialect, file));
      const body = Buffer.from(renderBody(dialect, eventIn(file)));
      // As text first, which shows the difference; then as bytes, which decides.
      expect(body.toString("utf8")).toBe(golden.toString("utf8"));
      expect(body.equals(golden)).toBe(true);
    });

    it.each(EVENTS)("are the same after a trip through Kafka: %s", (file) => {
      const event = eventIn(file);
      const received = decodeEmailEvent({ value: Buffer.from(encodeEmailEvent(event).value ?? "") });
      expect(renderBody(dialect, received)).toBe(renderBody(dialect, event));
    });
  });
});
