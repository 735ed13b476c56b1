import { answer, EngineRig, takes } from "./delivery-engine.fake";

const SECOND = 1_000;
const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => jest.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => jest.useRealTimers());

it("lets nothing begin while 64 MiB of answers wait for Kafka, and goes on when they are taken", async () => {
  const rig = new EngineRig();
  let acknowledge: (() => void)[] = [];
  rig.log.onWrite = () => new Promise((resolve) => acknowledge.push(resolve));
  // A string of its own costs nothing here: it is the same one for all.
  const response_body = "x".repeat(1_048_576);
  rig.webhook({}, () => takes(10, { ...answer(200), response_body }));
  rig.submitMany(200);
  await advance(10 * SECOND);
  const begun = rig.sender.requests.length;
  expect(begun).toBeGreaterThanOrEqual(64);
  expect(begun).toBeLessThan(64 + 64);
  while (rig.attempts.length < 200) {
    const taken = acknowledge;
    acknowledge = [];
    for (const take of taken) take();
    await advance(SECOND);
  }
  expect(rig.sender.requests).toHaveLength(200);
});
