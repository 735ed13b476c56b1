import { Lanes } from "./lanes";

describe("the lanes", () => {
  it("have room by slots and by bytes, each for itself", () => {
    const lanes = new Lanes({ slots: { fast: 2, slow: 1 }, bytes: 1_000 });
    lanes.enter("fast", 10);
    expect(lanes.hasRoom("fast")).toBe(true);
    lanes.enter("fast", 10);
    expect(lanes.hasRoom("fast")).toBe(false);
    expect(lanes.hasRoom("slow")).toBe(true);
    lanes.leave("fast", 10);
    lanes.enter("fast", 990);
    lanes.leave("fast", 10);
    expect(lanes.hasRoom("fast")).toBe(true);
    lanes.enter("slow", 1_000);
    lanes.leave("slow", 1_000);
    expect(lanes.hasRoom("slow")).toBe(true);
  });

  it("have none while nothing may begin", () => {
    let held = true;
    const lanes = new Lanes({ slots: { fast: 1, slow: 1 }, bytes: 1_000 }, () => held);
    expect([lanes.hasRoom("fast"), lanes.hasRoom("slow")]).toEqual([false, false]);
    held = false;
    expect([lanes.hasRoom("fast"), lanes.hasRoom("slow")]).toEqual([true, true]);
  });

  it("refuse nobody who has to move", () => {
    const lanes = new Lanes({ slots: { fast: 1, slow: 1 }, bytes: 1_000 });
    lanes.enter("slow", 900);
    lanes.enter("slow", 900);
    lanes.leave("slow", 900);
    expect(lanes.hasRoom("slow")).toBe(false);
  });

  it("say how many are in them", () => {
    const lanes = new Lanes({ slots: { fast: 1, slow: 1 }, bytes: 1 });
    lanes.enter("fast", 5);
    lanes.enter("fast", 5);
    lanes.leave("fast", 5);
    lanes.enter("slow", 5);
    lanes.leave("slow", 5);
    expect([lanes.count("fast"), lanes.count("slow")]).toEqual([1, 0]);
  });
});
