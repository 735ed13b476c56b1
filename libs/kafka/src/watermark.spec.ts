import fc from "fast-check";
import { Watermark } from "./watermark";

/** The same promises, kept by looking at everything each time. */
class NaiveWatermark {
  private readonly offsets = new Map<number, boolean>();

  constructor(private position: number) {}

  get next(): number {
    return this.position;
  }

  get low(): number {
    const open = [...this.offsets].filter(([, done]) => !done).map(([offset]) => offset);
    return Math.min(this.position, ...open);
  }

  get unfinished(): number {
    return [...this.offsets.values()].filter((done) => !done).length;
  }

  begin(offset: number): void {
    this.offsets.set(offset, false);
    this.position = offset + 1;
  }

  done(offset: number): void {
    if (this.offsets.has(offset)) this.offsets.set(offset, true);
  }

  skipTo(position: number): void {
    this.position = Math.max(this.position, position);
  }

  rewind(offset: number): number[] {
    const taken = this.finishedAbove().filter((done) => done >= offset);
    for (const begun of [...this.offsets.keys()]) if (begun >= offset) this.offsets.delete(begun);
    this.position = Math.min(this.position, offset);
    return taken;
  }

  finishedAbove(): number[] {
    return [...this.offsets].filter(([offset, done]) => done && offset > this.low).map(([offset]) => offset);
  }
}

interface Pair {
  readonly real: Watermark;
  readonly naive: NaiveWatermark;
  readonly begun: Set<number>;
}

/** Does the same to both, then compares all that can be seen. */
class Step implements fc.Command<Pair, null> {
  constructor(
    private readonly name: string,
    private readonly act: (pair: Pair) => void,
  ) {}

  check(): boolean {
    return true;
  }

  run(pair: Pair): void {
    this.act(pair);
    const { real, naive } = pair;
    expect([real.low, real.next, real.unfinished]).toEqual([naive.low, naive.next, naive.unfinished]);
    expect(real.finishedAbove()).toEqual(naive.finishedAbove());
  }

  toString(): string {
    return this.name;
  }
}

const steps = [
  fc.nat(3).map(
    (gap) =>
      new Step(`begin after a gap of ${gap}`, ({ real, naive, begun }) => {
        const offset = real.next + gap;
        real.begin(offset);
        naive.begin(offset);
        begun.add(offset);
      }),
  ),
  fc.nat().map(
    (pick) =>
      new Step(`done ${pick}`, ({ real, naive, begun }) => {
        // Any offset ever begun, also one that was done long ago.
        const offset = [...begun][pick % Math.max(1, begun.size)];
        if (offset === undefined) return;
        real.done(offset);
        naive.done(offset);
      }),
  ),
  fc.nat(5).map(
    (ahead) =>
      new Step(`skip ${ahead}`, ({ real, naive }) => {
        const position = real.next + ahead - 2;
        real.skipTo(position);
        naive.skipTo(position);
      }),
  ),
  fc.nat().map(
    (pick) =>
      new Step(`rewind ${pick}`, ({ real, naive, begun }) => {
        const offset = real.low + (pick % (real.next - real.low + 1));
        expect(real.rewind(offset)).toEqual(naive.rewind(offset));
        for (const one of [...begun]) if (one >= offset) begun.delete(one);
      }),
  ),
];

describe("watermark", () => {
  it("never passes an unfinished offset, whatever begins, finishes, is skipped or taken back in which order", () => {
    const commands = fc.commands([...steps, ...steps.slice(0, 2), ...steps.slice(0, 2)], { maxCommands: 200 });
    const start = fc.nat(1_000_000);
    const property = fc.property(start, commands, (position, run) => {
      fc.modelRun(
        () => ({
          model: { real: new Watermark(position), naive: new NaiveWatermark(position), begun: new Set<number>() },
          real: null,
        }),
        run,
      );
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("reaches the end in whatever order thousands of offsets finish", () => {
    const count = 5_000;
    const property = fc.property(fc.infiniteStream(fc.nat()), (random) => {
      const watermark = new Watermark(0);
      const open: number[] = [];
      for (let offset = 0; offset < count; offset++) {
        watermark.begin(offset);
        open.push(offset);
      }
      while (open.length > 0) {
        const at = (random.next().value ?? 0) % Math.min(open.length, 2_000);
        const [offset = 0] = open.splice(at, 1);
        watermark.done(offset);
        expect(watermark.low).toBe(open[0] ?? count);
      }
      expect([watermark.unfinished, watermark.finishedAbove()]).toEqual([0, []]);
    });
    fc.assert(property, { numRuns: 5 });
  });
});
