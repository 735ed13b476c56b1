import { incidentBegan, incidentEnd, incidentEndsAt } from "./incident";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** So many webhooks that begin to fail evenly over some minutes, the first at 1,000. */
const starting = (webhooks: number, minutes: number) =>
  Array.from({ length: webhooks }, (_, index) => 1_000 + (index * minutes * MINUTE) / (webhooks - 1));

describe("an incident", () => {
  it.each([
    [20, 5, 20, 1_000],
    [20, 5, 99, 1_000],
    [20, 5, 100, null],
    [21, 5, 100, 1_000],
    [19, 1, 19, null],
    [20, 5.1, 20, null],
    [2_000, 4, 10_000, null],
    [2_001, 4, 10_000, 1_000],
  ])(
    "of %d webhooks that begin to fail within %d min among %d active ones begins at %p",
    (...[n, over, active, at]) => {
      expect(incidentBegan(starting(n, over), active, 1)).toBe(at);
    },
  );

  it("is found after failures that are none, and under a time scale", () => {
    const late = starting(20, 5).map((start) => start + 60 * MINUTE);
    expect(incidentBegan([1, 2, 3, ...late], 50, 1)).toBe(late[0]);
    expect(incidentBegan(starting(20, 5), 20, 600)).toBeNull();
    expect(incidentBegan(starting(20, 5 / 600), 20, 600)).toBe(1_000);
  });

  it("ends when half of its webhooks succeeded, or after a day", () => {
    const incident = { opened_at: 0, webhooks: 21, recovered: 10 };
    expect(incidentEnd(incident, DAY - 1, 1)).toBeNull();
    expect(incidentEnd(incident, DAY, 1)).toBe("time");
    expect(incidentEnd({ ...incident, recovered: 11 }, 1, 1)).toBe("recovered");
    expect(incidentEnd({ ...incident, webhooks: 20 }, 1, 1)).toBe("recovered");
    expect(incidentEndsAt(0, 600)).toBe(DAY / 600);
  });
});
