import { type Step, StepMemory } from "./step-memory";

const step = (overrides: Partial<Step> = {}): Step => {
  return { delivery_id: "dlv_1", round: 1, attempt: 1, park: 0, ...overrides };
};
const aMemory = () => new StepMemory({ rounds: 100, ms: 1_000 }, 0);

describe("step memory", () => {
  it("takes a step once", () => {
    const memory = aMemory();
    expect(memory.take(step(), 0)).toBe(true);
    expect(memory.take(step(), 1)).toBe(false);
    expect(memory.take(step({ delivery_id: "dlv_2" }), 1)).toBe(true);
    expect(memory.take(step({ round: 2 }), 1)).toBe(true);
  });

  it("takes steps forwards only: parks before the next attempt, and none that came before one that was taken", () => {
    const memory = aMemory();
    const steps = [step(), step({ park: 1 }), step({ park: 2 }), step({ attempt: 2 }), step({ attempt: 2, park: 1 })];
    expect(steps.map((one) => memory.take(one, 0))).toEqual([true, true, true, true, true]);
    expect(steps.map((one) => memory.take(one, 0))).toEqual([false, false, false, false, false]);
    const late = aMemory();
    expect(late.take(step({ attempt: 2 }), 0)).toBe(true);
    expect(late.take(step({ park: 7 }), 0)).toBe(false);
  });

  it("takes nothing more of a round that has ended, also when it began some time ago", () => {
    const memory = aMemory();
    memory.take(step(), 0);
    memory.take(step({ delivery_id: "dlv_2" }), 500);
    memory.end(step());
    expect(memory.take(step({ attempt: 2 }), 501)).toBe(false);
    expect(memory.take(step({ round: 2 }), 501)).toBe(true);
  });

  it("knows whether a step that waited was overtaken, by a later one or by the end of its round", () => {
    const memory = aMemory();
    memory.take(step({ attempt: 2 }), 0);
    expect(memory.isLatest(step({ attempt: 2 }))).toBe(true);
    expect(memory.isLatest(step())).toBe(false);
    memory.end(step());
    expect(memory.isLatest(step({ attempt: 2 }))).toBe(false);
    expect(memory.isLatest(step({ delivery_id: "dlv_9", attempt: 2 }))).toBe(true);
  });

  it("remembers a step for at least half the time and forgets it after all of it", () => {
    const memory = aMemory();
    memory.take(step(), 0);
    expect(memory.take(step(), 500)).toBe(false);
    memory.take(step({ delivery_id: "dlv_2" }), 1_000);
    expect(memory.take(step(), 1_001)).toBe(true);
  });

  it("takes back a step, also one of some time ago, but not those before it", () => {
    const memory = aMemory();
    for (const now of [0, 500]) {
      memory.take(step({ attempt: 2 }), now);
      memory.forget(step({ attempt: 2 }));
      expect(memory.take(step(), now)).toBe(false);
      expect(memory.take(step({ attempt: 2 }), now)).toBe(true);
    }
  });

  it("holds no more than its number of rounds, the newest half at least", () => {
    const memory = new StepMemory({ rounds: 10, ms: 1_000_000 }, 0);
    const nth = (n: number) => step({ delivery_id: `dlv_${n}` });
    for (let i = 0; i < 100; i++) memory.take(nth(i), 0);
    for (let i = 95; i < 100; i++) expect(memory.take(nth(i), 0)).toBe(false);
    expect(memory.take(nth(0), 0)).toBe(true);
  });
});
