import { dayOf, loggedDays, shownSince } from "./log-days";

const at = (instant: string) => Date.parse(instant);

test("a day runs from midnight to midnight in UTC", () => {
  expect(dayOf(at("2026-04-17T00:00:00.000Z"))).toBe(dayOf(at("2026-04-17T23:59:59.999Z")));
  expect(dayOf(at("2026-04-18T00:00:00.000Z"))).toBe(dayOf(at("2026-04-17T00:00:00.000Z")) + 1);
});

test("retention shows that many whole days beside today, and the log keeps as many more as a round may last", () => {
  const now = at("2026-04-17T12:00:00Z");
  expect(shownSince({ now: () => now, retentionDays: 30 })).toBe(at("2026-03-18T00:00:00Z"));
  const { first, last } = loggedDays(now, 30);
  expect(first).toBe(dayOf(at("2026-03-09T00:00:00Z")));
  expect(last).toBe(dayOf(at("2026-04-20T00:00:00Z")));
});
