import { testBrokers } from "@waggle/testing";
import { Broker } from "./broker";
import { type Answer, RunningIngest } from "./running-ingest";
import { anOpen, uniqueTenant } from "./valid-events";

jest.setTimeout(60_000);

describe("ingest that has not read its directory", () => {
  it("answers 503 not_ready, and takes events once it has", async () => {
    const broker = await Broker.at(testBrokers());
    const tenant = uniqueTenant();
    const key = await broker.addKey(tenant);
    const early: Answer[] = [];
    const ingest = await RunningIngest.start(
      { brokers: testBrokers() },
      { key, onListening: async (listening) => void early.push(await listening.publish(anOpen())) },
    );
    expect(early).toMatchObject([{ status: 503, problem: { code: "not_ready" }, headers: { "retry-after": "5" } }]);
    expect(await ingest.publish(anOpen({ id: "ready" }))).toMatchObject({ status: 202 });
    expect((await broker.stored(tenant)).map(({ event }) => event.id)).toEqual(["ready"]);
    await ingest.stop();
    await broker.close();
  });
});
