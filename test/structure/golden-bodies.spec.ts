import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeEmailEvent, encodeEmailEvent, MAX_BODY_BYTES } from "@waggle/contracts";
import { DIALECTS, type InboundEvent, OUTBOUND_EVENT_TYPES, renderBody, renderInbound } from "@waggle/domain";
import { parseMessage } from "@waggle/mail";

const GOLDEN = join(__dirname, "golden");
const EVENTS = readdirSync(join(GOLDEN, "events"));
const MAIL = readdirSync(join(GOLDEN, "mail"));
const bodyOf = (file: string) => file.replace(/eml$/, "json");

function eventIn(file: string) {
  return decodeEmailEvent({ value: readFileSync(join(GOLDEN, "events", file)) });
}

/** A message as it came, read and told of. */
async function inboundIn(file: string): Promise<InboundEvent> {
  const origin: Omit<InboundEvent, "message"> = JSON.parse(readFileSync(join(GOLDEN, "mail-origin.json"), "utf8"));
  return { ...origin, message: await parseMessage(readFileSync(join(GOLDEN, "mail", file))) };
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
    it("are one per event and message", () => {
      expect(readdirSync(join(GOLDEN, dialect))).toEqual([...EVENTS, ...MAIL.map(bodyOf)].sort());
    });

    it.each(MAIL)("are rendered byte for byte: %s", async (file) => {
      const golden = readFileSync(join(GOLDEN, dialect, bodyOf(file)), "utf8");
      expect(renderInbound(dialect, await inboundIn(file), MAX_BODY_BYTES)).toBe(golden);
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
