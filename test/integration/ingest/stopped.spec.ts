import { eventually, testBrokers } from "@waggle/testing";
import { Broker } from "./broker";
import { RunningIngest } from "./running-ingest";
import { anOpen, several, uniqueTenant } from "./valid-events";

jest.setTimeout(60_000);

describe("ingest that is stopped while events come in", () => {
  it("answers what it has begun, and has stored every event it said 202 to", async () => {
    const broker = await Broker.at(testBrokers());
    const tenant = uniqueTenant();
    const key = await broker.addKey(tenant);
    const ingest = await RunningIngest.start({ brokers: testBrokers() }, { key });
    const accepted: string[] = [];
    const publisher = async (lane: number) => {
      for (let turn = 0; ; turn++) {
        const { status, ids } = await ingest.publish(anOpen({ id: `${lane}-${turn}` }));
        if (status !== 202) return;
        accepted.push(...ids);
      }
    };
    // A publisher ends by a 503, or by the refusal of its next connection.
    const publishing = Promise.allSettled(several(8, publisher));
    await eventually("events to come in", () => accepted.length > 50);
    const stoppedAt = Date.now();
    await ingest.stop();
    // Kept-alive connections do not hold it up.
    expect(Date.now() - stoppedAt).toBeLessThan(10_000);
    await publishing;

    const stored = (await broker.stored(tenant)).map(({ event }) => event.id);
    expect(stored).toEqual(expect.arrayContaining(accepted));
    // A request that got no answer may be there as well, once.
    expect(new Set(stored).size).toBe(stored.length);
    await broker.close();
  });
});
