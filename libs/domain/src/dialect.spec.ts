import {
  allEventNames,
  BRAND_SIGNATURE_HEADER,
  DIALECTS,
  eventName,
  eventNamesIn,
  eventTypeOfName,
  SHARED_SECRET_BY_DEFAULT,
  subscribedTypes,
} from "./dialect";
import { EVENT_TYPES, OUTBOUND_EVENT_TYPES } from "./event";

describe("event names", () => {
  it("are those that each product documents", () => {
    const names = (dialect: (typeof DIALECTS)[number]) => EVENT_TYPES.map((type) => eventName(dialect, type));
    expect(names("hiveku")).toEqual(["delivery", "bounce", "complaint", "open", "click", "inbound"]);
    expect(names("buzzmark")).toEqual(["delivery", "bounce", "spam_complaint", "open", "click", "inbound"]);
    expect(names("standard")).toEqual([
      "email.delivery",
      "email.bounce",
      "email.complaint",
      "email.open",
      "email.click",
      "email.inbound",
    ]);
  });

  it.each(DIALECTS)("of %s lead back to their types", (dialect) => {
    for (const type of EVENT_TYPES) expect(eventTypeOfName(eventName(dialect, type))).toBe(type);
  });

  it.each(["", "*", "Bounce", "email.spam_complaint", "__proto__", "constructor"])("do not include %j", (name) => {
    expect(eventTypeOfName(name)).toBeNull();
  });

  it("are listed once each, for error messages", () => {
    expect(allEventNames()).toHaveLength(13);
    expect(new Set(allEventNames()).size).toBe(13);
  });
});

describe("subscribedTypes", () => {
  it("reads * as the five outbound types, without inbound", () => {
    expect([...subscribedTypes(["*"])]).toEqual([...OUTBOUND_EVENT_TYPES]);
  });

  it("adds inbound only when it is named, in any dialect's words", () => {
    expect(subscribedTypes(["*", "inbound"])).toEqual(new Set(EVENT_TYPES));
    expect(subscribedTypes(["email.inbound"])).toEqual(new Set(["inbound"]));
  });

  it("reads spam_complaint as complaint", () => {
    expect(subscribedTypes(["spam_complaint"])).toEqual(new Set(["complaint"]));
  });

  it("ignores names nobody knows", () => {
    expect(subscribedTypes(["bounces", "", "open"])).toEqual(new Set(["open"]));
    expect(subscribedTypes([])).toEqual(new Set());
  });
});

describe("eventNamesIn", () => {
  it("says a subscription in the dialect's own words, each name once", () => {
    expect(eventNamesIn("buzzmark", ["complaint", "email.complaint", "open"])).toEqual(["spam_complaint", "open"]);
    expect(eventNamesIn("standard", ["spam_complaint", "inbound"])).toEqual(["email.complaint", "email.inbound"]);
  });

  it("keeps the star", () => {
    expect(eventNamesIn("standard", ["*", "inbound"])).toEqual(["*", "email.inbound"]);
  });
});

describe("dialects", () => {
  it("share a tenant's secret for buzzmark only", () => {
    expect(SHARED_SECRET_BY_DEFAULT).toEqual({ hiveku: false, buzzmark: true, standard: false });
  });

  it("sign in a header of their own for the two brands", () => {
    expect(BRAND_SIGNATURE_HEADER).toEqual({
      hiveku: "X-Hiveku-Signature",
      buzzmark: "X-Buzzmark-Signature",
      standard: null,
    });
  });
});
