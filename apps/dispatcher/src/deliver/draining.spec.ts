import { answer, EngineRig, failure, ok, takes } from "./delivery-engine.fake";
import type { OutgoingRequest, SendResult } from "./ports";

const SECOND = 1_000;

/** A receiver that works at one request at a time and takes `ms` for each, however many are sent to it. */
function serial(ms: number) {
  let freeAt = 0;
  return ({ timeoutMs }: OutgoingRequest): Promise<SendResult> => {
    freeAt = Math.max(freeAt, Date.now()) + ms;
    const waitMs = freeAt - Date.now();
    return waitMs > timeoutMs ? takes(timeoutMs, failure("timeout")) : takes(waitMs, ok);
  };
}

/** A receiver that answers 429 to whatever comes beyond `most` requests in any second. */
function limiting(most: number) {
  let taken: number[] = [];
  return (): Promise<SendResult> => {
    taken = taken.filter((at) => Date.now() - at < SECOND);
    if (taken.length >= most) return takes(20, answer(429));
    taken.push(Date.now());
    return takes(20, ok);
  };
}

/** Virtual seconds until `done`, at most `limit`. */
async function secondsUntil(done: () => boolean, limit: number): Promise<number> {
  let seconds = 0;
  for (; seconds < limit && !done(); seconds++) await jest.advanceTimersByTimeAsync(SECOND);
  return seconds;
}

describe("what the engine gets through to a receiver", () => {
  let rig: EngineRig;

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_800_000_000_000 });
    rig = new EngineRig();
    rig.returnWhatIsDue();
  });
  afterEach(() => jest.useRealTimers());

  const states = () => rig.attempts.map(({ state }) => state.status).filter((status) => status !== "pending");

  it.each([
    ["one at a time, 500 ms each", 2, {}, serial(500)],
    ["429 beyond 2 a second", 2, {}, limiting(2)],
    ["max_per_second 5", 5, { max_per_second: 5 }, () => takes(20, ok)],
  ] as const)(
    "is at least 80 % of what it takes, and exhausts nothing: %s",
    async (_, perSecond, entry, receiver) => {
      rig.webhook(entry, receiver);
      rig.submitMany(2_000);
      const least = 2_000 / perSecond;
      const seconds = await secondsUntil(() => states().length === 2_000, 2 * least);
      expect(states().every((status) => status === "delivered")).toBe(true);
      expect(seconds).toBeLessThanOrEqual(least / 0.8);
      expect(rig.fatal).toEqual([]);
    },
    120_000,
  );

  it("begins small after an outage, grows, and ends with everything delivered", async () => {
    let isDown = true;
    const webhook = rig.webhook({}, () => (isDown ? takes(20, answer(503)) : takes(100, ok)));
    rig.submitMany(1_000);
    await secondsUntil(() => false, 900);
    expect(states()).toEqual([]);
    isDown = false;
    const { most } = rig.sender;
    most.clear();
    await secondsUntil(() => states().length > 0, 120);
    expect(most.get(webhook.entry.url)).toBeLessThanOrEqual(2);
    await secondsUntil(() => states().length === 1_000, 3_600);
    expect(states()).toHaveLength(1_000);
    expect(most.get(webhook.entry.url)).toBeGreaterThan(4);
  }, 120_000);
});
