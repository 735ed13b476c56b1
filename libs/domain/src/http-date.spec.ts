import fc from "fast-check";
import { parseHttpDate } from "./http-date";

const NOW = Date.UTC(2026, 10, 22);
const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);

describe("parseHttpDate", () => {
  it.each(["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])(
    "reads RFC 9110's example %s",
    (text) => {
      expect(parseHttpDate(text, NOW)).toBe(EXAMPLE);
    },
  );

  it("reads back what a server writes", () => {
    const dates = fc.date({
      min: new Date("1000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        expect(parseHttpDate(date.toUTCString(), NOW)).toBe(Math.floor(date.getTime() / 1_000) * 1_000);
      }),
    );
  });

  it("puts a year of two digits at most 50 years ahead", () => {
    const year = (text: string) => new Date(parseHttpDate(`Sunday, 06-Nov-${text} 08:49:37 GMT`, NOW) ?? 0);
    expect(year("26").getUTCFullYear()).toBe(2026);
    expect(year("76").getUTCFullYear()).toBe(2076);
    expect(year("77").getUTCFullYear()).toBe(1977);
    expect(year("00").getUTCFullYear()).toBe(2000);
  });

  it.each([
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 06 Nov 1994 08:49:37 +0100",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Wait 2099",
    "1994-11-06T08:49:37Z",
    "",
  ])("takes %j for no date", (text) => {
    expect(parseHttpDate(text, NOW)).toBeNull();
  });
});
