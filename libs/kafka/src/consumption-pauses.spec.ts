import { ConsumptionPauses } from "./consumption-pauses";

const [zero, one] = [0, 1].map((partition) => ({ topic: "t", partition }));
if (!zero || !one) throw new Error("two partitions");

/** Which partitions kafkajs would not fetch; like it, refuses to be told anything without a group. */
class FakeConsumer {
  readonly paused = new Set<number>();
  hasGroup = true;

  pause(changes: { topic: string; partitions?: number[] }[]): void {
    this.change(changes, (partition) => this.paused.add(partition));
  }

  resume(changes: { topic: string; partitions?: number[] }[]): void {
    this.change(changes, (partition) => this.paused.delete(partition));
  }

  private change(changes: { partitions?: number[] }[], apply: (partition: number) => void): void {
    if (!this.hasGroup) throw new Error("Consumer group was not initialized");
    for (const { partitions = [] } of changes) for (const partition of partitions) apply(partition);
  }
}

describe("pauses of consumption", () => {
  it("hold as long as any reason for them does", () => {
    const consumer = new FakeConsumer();
    const pauses = new ConsumptionPauses(consumer);
    pauses.assign([zero, one]);
    pauses.pause(zero);
    pauses.pauseAll("full");
    pauses.pauseAll("stopping");
    pauses.resumeAll("full");
    expect([...consumer.paused]).toEqual([0, 1]);
    pauses.resumeAll("stopping");
    expect([...consumer.paused]).toEqual([0]);
    pauses.resume(zero);
    expect(consumer.paused.size).toBe(0);
  });

  it("come back after a rejoin, also where they began while there was no group", () => {
    const consumer = new FakeConsumer();
    const pauses = new ConsumptionPauses(consumer);
    pauses.assign([zero, one]);
    consumer.hasGroup = false;
    pauses.assign([]);
    pauses.pause(zero);
    pauses.pauseAll("full");
    pauses.resumeAll("full");
    consumer.hasGroup = true;
    pauses.assign([zero, one]);
    expect([...consumer.paused]).toEqual([0]);
    expect([pauses.isPaused(zero), pauses.isPaused(one)]).toEqual([true, false]);
  });

  it("apply to partitions that are assigned while everything is paused, and end for them too", () => {
    const consumer = new FakeConsumer();
    const pauses = new ConsumptionPauses(consumer);
    pauses.pauseAll("full");
    pauses.assign([zero]);
    pauses.assign([zero, one]);
    expect([...consumer.paused]).toEqual([0, 1]);
    pauses.resumeAll("full");
    expect(consumer.paused.size).toBe(0);
  });
});
