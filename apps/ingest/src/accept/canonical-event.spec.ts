import { decodeEmailEvent, encodeEmailEvent, type PublishedEvent } from "@waggle/contracts";
import { type EmailEvent, OUTBOUND_EVENT_TYPES } from "@waggle/domain";
import fc from "fast-check";
import { canonicalEvent } from "./canonical-event";
import { checkSubmission } from "./check-submission";
import { submissionOf } from "./submission";

const stamp = { tenantId: "ten_1", acceptedAt: 1_776_429_296_789, newEventId: (now: number) => `evt_${now}` };

function canonical(event: unknown): EmailEvent {
  const [published] = checkSubmission(submissionOf(event));
  if (!published) throw new Error("one event went in");
  return canonicalEvent(published, stamp);
}

/** Any object that JSON.parse can make of text, keys like `__proto__` included. */
const jsonObject = fc
  .dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "7")), fc.jsonValue())
  .map((value): Record<string, unknown> => JSON.parse(JSON.stringify(value)));
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((value) => !value.includes("\0"));
const requiredByType = { bounce: { bounce_type: "hard" }, click: { url: "https://example.com/" } };

/** Any event that keeps the contract's rules. */
const validEvent = fc
  .record(
    {
      id: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
      type: fc.constantFrom(...OUTBOUND_EVENT_TYPES),
      created_at: fc
        .date({ min: new Date("1990-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })
        .map((date) => date.toISOString()),
      own: jsonObject,
      email_id: text,
      to: text,
      from: fc.string(),
      tags: fc.array(text, { maxLength: 5 }),
      metadata: jsonObject,
    },
    { requiredKeys: ["type", "own", "email_id", "to"] },
  )
  .map(({ id, type, created_at, own, ...known }) => ({
    ...(id === undefined ? {} : { id }),
    type,
    ...(created_at === undefined ? {} : { created_at }),
    data: { ...Object.fromEntries(Object.entries(own).map(ownKey)), ...known, ...requiredIn(type) },
  }));

/** The publisher's own keys must not be documented ones by chance. */
function ownKey([key, value]: [string, unknown]): [string, unknown] {
  return [key === "__proto__" ? key : `own_${key}`, value];
}

function requiredIn(type: string): object {
  return Object.entries(requiredByType).find(([name]) => name === type)?.[1] ?? {};
}

describe("canonicalEvent", () => {
  it("keeps every value of a valid event, through Kafka and back", () => {
    fc.assert(
      fc.property(validEvent, (event) => {
        const sent = JSON.parse(JSON.stringify(event));
        const { data } = decodeEmailEvent({ value: Buffer.from(String(encodeEmailEvent(canonical(sent)).value)) });
        for (const [key, value] of Object.entries(sent.data)) {
          expect(Object.getOwnPropertyDescriptor(data, key)?.value).toEqual(value);
        }
        expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
      }),
    );
  });

  it("does the same to an event that is canonical already", () => {
    fc.assert(
      fc.property(validEvent, (event) => {
        const { id, type, created_at, data } = canonical(event);
        expect(JSON.stringify(canonical({ id, type, created_at, data }).data)).toBe(JSON.stringify(data));
      }),
    );
  });

  it("puts documented fields first, in the contract's order, then the publisher's own as they came", () => {
    const data = {
      zebra: 1,
      diagnostic_code: "550",
      url: "not a bounce's",
      bounce_type: "hard",
      metadata: { b: 1, a: 2 },
      subject: "s",
      from: "f",
      to: "t",
      apple: 2,
      email_id: "m",
    };
    expect(Object.keys(canonical({ type: "bounce", data }).data)).toEqual(
      "email_id to from subject tags metadata bounce_type diagnostic_code zebra url apple".split(" "),
    );
  });

  it("has tags and metadata always, and an other complaint when none is named", () => {
    expect(canonical({ type: "spam_complaint", data: { email_id: "m", to: "t" } })).toEqual({
      id: "evt_1776429296789",
      publisher_id: false,
      tenant_id: "ten_1",
      type: "complaint",
      created_at: "2026-04-17T12:34:56Z",
      accepted_at: 1_776_429_296_789,
      data: { email_id: "m", to: "t", tags: [], metadata: {}, complaint_type: "other" },
    });
  });

  it("remembers that the publisher chose the id", () => {
    const event: PublishedEvent = { id: "mine", type: "open", data: { email_id: "m", to: "t" } };
    expect(canonicalEvent(event, stamp)).toMatchObject({ id: "mine", publisher_id: true });
  });

  it("keeps a key called __proto__ as what it is, and pollutes nothing", () => {
    const event = canonical(JSON.parse('{"type":"open","data":{"email_id":"m","to":"t","__proto__":{"admin":true}}}'));
    expect(JSON.stringify(event.data)).toContain('"__proto__":{"admin":true}');
    expect(event.data.admin).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
  });

  it("shares no default between events", () => {
    const [first, second] = [0, 1].map(() => canonical({ type: "open", data: { email_id: "m", to: "t" } }).data);
    expect(first?.metadata).not.toBe(second?.metadata);
    expect(first?.tags).not.toBe(second?.tags);
  });
});
