import fc from "fast-check";
import { toUtcInstant, wholeSecondInstant } from "./instant";

describe("toUtcInstant", () => {
  it.each([
    ["2026-04-17T12:34:56Z", "2026-04-17T12:34:56Z"],
    ["2026-04-17T14:34:56+02:00", "2026-04-17T12:34:56Z"],
    ["2026-04-17T14:34:56+0200", "2026-04-17T12:34:56Z"],
    ["2026-04-17T14:34:56+02", "2026-04-17T12:34:56Z"],
    ["2026-04-17T07:04:56-05:30", "2026-04-17T12:34:56Z"],
    ["2026-04-17T12:34:56-00:00", "2026-04-17T12:34:56Z"],
    ["2026-04-17t12:34:56z", "2026-04-17T12:34:56Z"],
    ["2026-04-17T12:34Z", "2026-04-17T12:34:00Z"],
    ["2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"],
    ["2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00Z"],
    ["1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"],
  ])("rewrites %s as %s", (text, expected) => {
    expect(toUtcInstant(text)).toBe(expected);
  });

  it.each([
    ["2026-04-17T12:34:56.5Z", "2026-04-17T12:34:56.5Z"],
    ["2026-04-17T12:34:56.000Z", "2026-04-17T12:34:56.000Z"],
    ["2026-04-17T14:34:56.123456789+02:00", "2026-04-17T12:34:56.123456789Z"],
    ["2026-04-17T12:34:56,25Z", "2026-04-17T12:34:56.25Z"],
  ])("keeps the fraction of %s digit for digit", (text, expected) => {
    expect(toUtcInstant(text)).toBe(expected);
  });

  it.each([
    ["no zone", "2026-04-17T12:34:56"],
    ["a date alone", "2026-04-17"],
    ["a space for the T", "2026-04-17 12:34:56Z"],
    ["a day that does not exist", "2026-02-30T00:00:00Z"],
    ["29 February of a common year", "2026-02-29T00:00:00Z"],
    ["a month that does not exist", "2026-13-01T00:00:00Z"],
    ["an hour of 24", "2026-04-17T24:00:00Z"],
    ["a minute of 60", "2026-04-17T12:60:00Z"],
    ["a second of 60", "2026-04-17T12:34:60Z"],
    ["a zone of 24 hours", "2026-04-17T12:34:56+24:00"],
    ["a zone of 60 minutes", "2026-04-17T12:34:56+00:60"],
    ["a fraction without digits", "2026-04-17T12:34:56.Z"],
    ["a fraction of minutes", "2026-04-17T12:34.5Z"],
    ["a year below 100", "0099-01-01T00:00:00Z"],
    ["a year past 9999 in UTC", "9999-12-31T23:59:59-01:00"],
    ["text around it", " 2026-04-17T12:34:56Z"],
    ["a line break after it", "2026-04-17T12:34:56Z\n"],
    ["nothing", ""],
  ])("refuses %s", (_what, text) => {
    expect(toUtcInstant(text)).toBeNull();
  });

  const instants = fc.date({
    min: new Date("0101-01-01T00:00:00Z"),
    max: new Date("9998-12-31T00:00:00Z"),
    noInvalidDate: true,
  });

  it("names the same moment, whatever the zone it was written in", () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }), (moment, offset) => {
        const local = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const minutes = Math.abs(offset);
        const zone = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
        const utc = toUtcInstant(`${local}${offset < 0 ? "-" : "+"}${zone}`);
        expect(utc).toBe(moment.toISOString());
      }),
    );
  });

  it("leaves what it made as it is", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(instants, fc.option(digits, { nil: null }), (moment, fraction) => {
        const text = `${moment.toISOString().slice(0, 19)}${fraction === null ? "" : `.${fraction}`}Z`;
        expect(toUtcInstant(text)).toBe(text);
      }),
    );
  });
});

describe("wholeSecondInstant", () => {
  it("cuts the milliseconds off", () => {
    expect(wholeSecondInstant(Date.UTC(2026, 3, 17, 12, 34, 56, 999))).toBe("2026-04-17T12:34:56Z");
  });
});
