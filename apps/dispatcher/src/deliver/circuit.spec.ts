import { Circuit } from "./circuit";

const SECOND = 1_000;

/** A failure that took no time. */
const at = (now: number) => ({ startedAt: now, endedAt: now });

function failing(times: number, { every = SECOND, timeScale = 1 } = {}): { circuit: Circuit; now: number } {
  const circuit = new Circuit(timeScale);
  let now = 1_000_000;
  for (let i = 0; i < times; i++) {
    now += every;
    circuit.failed(at(now));
  }
  return { circuit, now };
}

describe("a webhook's circuit", () => {
  it("opens with the tenth failure within 60 s, not with the ninth", () => {
    expect(failing(9).circuit.isOpen).toBe(false);
    expect(failing(10).circuit.isOpen).toBe(true);
  });

  it("stays closed when ten failures take longer than 60 s", () => {
    expect(failing(30, { every: 7 * SECOND }).circuit.isOpen).toBe(false);
  });

  it("stays closed while there is a 2xx within the 60 s", () => {
    const { circuit, now } = failing(9);
    circuit.succeeded(now + 1);
    for (let i = 0; i < 20; i++) circuit.failed(at(now + 2 + i));
    expect(circuit.isOpen).toBe(false);
  });

  it("opens when two attempts in flight are older than half their timeout, not when one is", () => {
    const circuit = new Circuit(1);
    const old = { startedAt: 0, timeoutMs: 10_000 };
    circuit.inFlight([old, { startedAt: 5_000, timeoutMs: 10_000 }], 5_001);
    expect(circuit.isOpen).toBe(false);
    circuit.inFlight([old, { startedAt: 0, timeoutMs: 10_002 }], 5_001);
    expect(circuit.isOpen).toBe(false);
    circuit.inFlight([old, old], 5_001);
    expect(circuit.isOpen).toBe(true);
  });

  it("probes after 5 s, then after 10, 20, 40 and 60 s", () => {
    let { circuit, now } = failing(10);
    for (const seconds of [5, 10, 20, 40, 60, 60]) {
      expect(circuit.probeWaitMs(now)).toBe(seconds * SECOND);
      now += seconds * SECOND;
      expect(circuit.probeWaitMs(now)).toBe(0);
      circuit.failed(at(now));
    }
  });

  it("does not count what was in flight when it opened as probes", () => {
    const { circuit, now } = failing(10);
    for (let i = 0; i < 50; i++) circuit.failed({ startedAt: now - SECOND, endedAt: now + 2 * SECOND });
    expect(circuit.probeWaitMs(now + 4 * SECOND)).toBe(SECOND);
    circuit.failed({ startedAt: now + 5 * SECOND, endedAt: now + 6 * SECOND });
    expect(circuit.probeWaitMs(now + 6 * SECOND)).toBe(10 * SECOND);
  });

  it("lets a delivery that is alone probe 5 s after the last one, so that it keeps its schedule", () => {
    const { circuit, now } = failing(10);
    for (const seconds of [5, 10, 15, 20]) circuit.failed(at(now + seconds * SECOND));
    expect(circuit.probeWaitMs(now + 20 * SECOND)).toBe(60 * SECOND);
    expect(circuit.probeWaitMs(now + 20 * SECOND, true)).toBe(5 * SECOND);
    expect(circuit.probeWaitMs(now + 25 * SECOND, true)).toBe(0);
  });

  it("closes on any 2xx and has forgotten the failures", () => {
    const { circuit, now } = failing(10);
    circuit.succeeded(now + 1);
    expect(circuit.isOpen).toBe(false);
    circuit.failed(at(now + 120 * SECOND));
    expect(circuit.isOpen).toBe(false);
  });

  it("has forgotten them too when it is closed without a 2xx", () => {
    const { circuit, now } = failing(10);
    circuit.close();
    for (let i = 0; i < 9; i++) circuit.failed(at(now + i));
    expect(circuit.isOpen).toBe(false);
  });

  it("divides its times by TIME_SCALE", () => {
    const { circuit, now } = failing(10, { every: 5, timeScale: 600 });
    expect(circuit.isOpen).toBe(true);
    expect(circuit.probeWaitMs(now)).toBeCloseTo(5_000 / 600);
  });
});
