import { eventually } from "@waggle/testing";
import { OwnDelay } from "./own-delay";

/** Keeps the event loop from everything else, for so many milliseconds. */
function hog(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("how late a process runs because it is busy itself", () => {
  const delay = new OwnDelay();
  afterAll(() => delay.onApplicationShutdown());

  it("shows while its turns take long, and not any more when it has rested", async () => {
    expect([delay.ms, delay.isSaturated]).toEqual([0, false]);
    const busy = () => {
      hog(400);
      return delay.ms > 10 && delay.isSaturated;
    };
    await eventually("a delay", busy, 20_000);
    await eventually("no delay", () => delay.ms === 0 && !delay.isSaturated, 20_000);
  });
});
