import { aDelivery, FakeJob } from "./delivery-engine.fake";
import { DirectoryWaiters } from "./directory-waiters";

const jobOf = (webhook_id: string) => new FakeJob(aDelivery({ webhook_id }));

describe("deliveries ahead of the directory", () => {
  it("have waited enough after 60 s, counted from the first time", () => {
    const waiters = new DirectoryWaiters();
    const job = jobOf("wh_1");
    waiters.add(job, 1_000);
    waiters.add(job, 50_000);
    expect(waiters.due(60_999)).toEqual([]);
    expect(waiters.waitedEnough(job, 61_000)).toBe(true);
    expect(waiters.due(61_000)).toEqual([job]);
  });

  it("are found by their webhook, until they are forgotten", () => {
    const waiters = new DirectoryWaiters();
    const [one, other] = [jobOf("wh_1"), jobOf("wh_2")];
    waiters.add(one, 0);
    waiters.add(other, 0);
    expect(waiters.of("wh_1")).toEqual([one]);
    waiters.forget(one);
    expect(waiters.of("wh_1")).toEqual([]);
    expect([waiters.has(one), waiters.has(other)]).toEqual([false, true]);
  });

  it("are forgotten when they belong to others", () => {
    const waiters = new DirectoryWaiters();
    const [lost, kept] = [jobOf("wh_1"), jobOf("wh_1")];
    waiters.add(lost, 0);
    waiters.add(kept, 0);
    lost.owned = false;
    waiters.keepOwned();
    expect(waiters.of("wh_1")).toEqual([kept]);
  });
});
