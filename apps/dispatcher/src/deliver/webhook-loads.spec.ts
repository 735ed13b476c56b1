import { WaitingRoom } from "./waiting-queue";
import { WebhookLoads } from "./webhook-loads";

const QUARTER_HOUR = 900_000;

function loads(): WebhookLoads {
  return new WebhookLoads({ processId: "p1", timeScale: 1, room: new WaitingRoom({ records: 10, bytes: 1_000 }) });
}

describe("the loads of webhooks", () => {
  it("are made when they are first asked for, and kept", () => {
    const all = loads();
    const load = all.of("wh_1", 3, 0);
    expect(all.of("wh_1", 3, 1)).toBe(load);
    expect(all.find("wh_1")).toBe(load);
    expect(all.find("wh_2")).toBeNull();
  });

  it("are forgotten after a quarter of an hour without work", () => {
    const all = loads();
    all.of("wh_1", 3, 0);
    all.of("wh_2", 3, 1);
    all.forgetIdle(QUARTER_HOUR + 1, () => false);
    expect([...all].map(({ webhookId }) => webhookId)).toEqual(["wh_2"]);
  });

  it("are kept while parked deliveries hold places in the queue, or somebody needs them", () => {
    const all = loads();
    const parked = all.of("wh_1", 3, 0);
    parked.backlog.positionOf(null);
    const needed = all.of("wh_2", 3, 0);
    all.forgetIdle(QUARTER_HOUR + 1, (load) => load === needed);
    expect([...all]).toEqual([parked, needed]);
    parked.backlog.serve();
    all.forgetIdle(QUARTER_HOUR + 1, () => false);
    expect([...all]).toEqual([]);
  });

  it("take no positions of another ownership for their own", () => {
    const all = loads();
    const first = all.of("wh_1", 3, 0);
    const ticket = first.backlog.ticket(first.backlog.positionOf(null));
    all.forget(first);
    const second = all.of("wh_1", 3, 0);
    second.backlog.dismiss(ticket);
    expect(second.backlog.positionOf(ticket)).toBe(1);
    expect(second.backlog.length).toBe(1);
  });

  it("can be had by partition", () => {
    const all = loads();
    const [one] = [all.of("wh_1", 1, 0), all.of("wh_2", 2, 0)];
    expect(all.inPartitions(new Set([1, 7]))).toEqual([one]);
  });
});
