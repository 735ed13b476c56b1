import { StepMemory } from "./step-memory";

describe("step memory", () => {
  it("takes a step once", () => {
    const memory = new StepMemory({ steps: 100, ms: 1_000 }, 0);
    expect(memory.take("a", 0)).toBe(true);
    expect(memory.take("a", 1)).toBe(false);
    expect(memory.take("b", 1)).toBe(true);
  });

  it("remembers a step for at least half the time and forgets it after all of it", () => {
    const memory = new StepMemory({ steps: 100, ms: 1_000 }, 0);
    memory.take("a", 0);
    expect(memory.take("a", 500)).toBe(false);
    memory.take("b", 1_000);
    expect(memory.take("a", 1_001)).toBe(true);
  });

  it("takes back a step, also one of some time ago", () => {
    const memory = new StepMemory({ steps: 100, ms: 1_000 }, 0);
    for (const now of [0, 500]) {
      memory.take("a", now);
      memory.forget("a");
      expect(memory.take("a", now)).toBe(true);
    }
  });

  it("holds no more than its number of steps, the newest half at least", () => {
    const memory = new StepMemory({ steps: 10, ms: 1_000_000 }, 0);
    for (let i = 0; i < 100; i++) memory.take(`step-${i}`, 0);
    for (let i = 95; i < 100; i++) expect(memory.take(`step-${i}`, 0)).toBe(false);
    expect(memory.take("step-0", 0)).toBe(true);
  });
});
