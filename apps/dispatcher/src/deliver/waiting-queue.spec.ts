import { aDelivery, FakeJob } from "./delivery-engine.fake";
import { WaitingQueue, WaitingRoom } from "./waiting-queue";

const limits = { records: 3, bytes: 10_000 };
const item = (position: number, bytes = 100) => ({ job: new FakeJob(aDelivery(), bytes), position });

describe("a webhook's queue", () => {
  it("is in the order of positions, whatever the order of arrival", () => {
    const queue = new WaitingQueue(new WaitingRoom(limits));
    const [first, second, third] = [item(1), item(2), item(3)];
    for (const each of [second, third, first]) queue.add(each);
    expect([queue.first, queue.last, queue.length]).toEqual([first, third, 3]);
    queue.remove(first);
    queue.remove(third);
    expect(queue.first).toBe(second);
    expect(queue.length).toBe(1);
  });

  it("counts one that is first already once, and takes out nothing that it does not hold", () => {
    const room = new WaitingRoom(limits);
    const queue = new WaitingQueue(room);
    const [held, stranger] = [item(1), item(2)];
    queue.add(held);
    queue.add(held);
    queue.remove(stranger);
    expect(queue.length).toBe(1);
    queue.add(item(3));
    expect(room.fill).toBeLessThan(1);
  });

  it("shares the room with other queues, by number and by bytes", () => {
    const room = new WaitingRoom(limits);
    const [one, other] = [new WaitingQueue(room), new WaitingQueue(room)];
    const large = item(1, 10_000);
    one.add(large);
    expect(room.fill).toBeGreaterThanOrEqual(1);
    one.remove(large);
    expect(room.fill).toBeLessThan(1);
    for (const position of [1, 2, 3]) other.add(item(position));
    expect(room.fill).toBeGreaterThanOrEqual(1);
  });

  it("forgets what belongs to others, and frees its room", () => {
    const room = new WaitingRoom({ records: 2, bytes: 10_000 });
    const queue = new WaitingQueue(room);
    const [lost, kept] = [item(1), item(2)];
    queue.add(lost);
    queue.add(kept);
    lost.job.owned = false;
    queue.keepOwned();
    expect(queue.first).toBe(kept);
    expect(room.fill).toBeLessThan(1);
  });
});
