import { answer, EngineRig, ok, takes } from "./delivery-engine.fake";

const SECOND = 1_000;
/** Simulated hours take seconds of real time, on a busy machine many. */
const TEST_MS = 60_000;

let rig: EngineRig;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_800_000_000_000 });
  rig = new EngineRig();
  rig.returnWhatIsDue();
});
afterEach(() => jest.useRealTimers());

/** Seconds until so many deliveries that come at once are delivered; infinite when that takes longer than `limitS`. */
async function secondsToDrain(count: number, limitS: number): Promise<number> {
  rig.submitMany(count);
  const began = Date.now();
  while (delivered() < count) {
    if (Date.now() - began > limitS * SECOND) return Number.POSITIVE_INFINITY;
    await jest.advanceTimersByTimeAsync(10 * SECOND);
  }
  return (Date.now() - began) / SECOND;
}

const delivered = () => rig.attempts.filter(({ state }) => state.status === "delivered").length;

/** Works on one request after the other, half a second each. */
function serialReceiver() {
  let free = 0;
  return () => {
    free = Math.max(free, Date.now()) + SECOND / 2;
    return takes(free - Date.now(), ok);
  };
}

/** Takes two requests in every second and refuses the others at once. */
function limitedReceiver() {
  let second = 0;
  let taken = 0;
  return () => {
    const present = Math.floor(Date.now() / SECOND);
    if (present !== second) taken = 0;
    second = present;
    taken += 1;
    return takes(5, taken <= 2 ? ok : answer(429));
  };
}

describe("a backlog drains at 80 % of what its receiver takes, or more", () => {
  it(
    "10,000 for one that works on one after the other, 2 in a second",
    async () => {
      rig.webhook({}, serialReceiver());
      expect(await secondsToDrain(10_000, 20_000)).toBeLessThanOrEqual(10_000 / 2 / 0.8);
    },
    TEST_MS,
  );

  it(
    "10,000 for a webhook with max_per_second 5",
    async () => {
      rig.webhook({ max_per_second: 5 }, () => takes(20, ok));
      expect(await secondsToDrain(10_000, 20_000)).toBeLessThanOrEqual(10_000 / 5 / 0.8);
    },
    TEST_MS,
  );

  it("for a webhook with max_in_flight 1 that answers after 200 ms", async () => {
    rig.webhook({ max_in_flight: 1 }, () => takes(200, ok));
    expect(await secondsToDrain(1_000, 3_000)).toBeLessThanOrEqual(1_000 / 5 / 0.8);
    expect(rig.sender.most.get("https://receiver.acme.com/wh_1")).toBe(1);
  });

  it("for one that refuses with 429 what is more than 2 in a second, and few attempts are wasted", async () => {
    rig.webhook({}, limitedReceiver());
    expect(await secondsToDrain(1_000, 3_000)).toBeLessThanOrEqual(1_000 / 2 / 0.8);
    expect(rig.attempts.length).toBeLessThan(1_000 * 1.2);
  });

  it("and is not parked at all for one that is quick", async () => {
    rig.webhook({}, () => takes(20, ok));
    expect(await secondsToDrain(5_000, 30)).toBeLessThan(30);
    expect(rig.put).toHaveLength(0);
  });
});
