import { withTimeLimit } from "./time-limit";

/** Runs `work` as soon as a place is free; rejects with EgressError `timeout` after waiting `waitMs` for one. */
export type ConcurrencyLimit = <T>(work: () => Promise<T>, waitMs: number) => Promise<T>;

/** At most `places` at work at once, the others in order of arrival. */
export function createConcurrencyLimit(places: number): ConcurrencyLimit {
  const waiting = new Set<() => void>();
  let free = places;

  async function takePlace(waitMs: number): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    let enter = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      enter = resolve;
    });
    waiting.add(enter);
    try {
      await withTimeLimit(turn, waitMs, "too many names are being resolved");
    } finally {
      waiting.delete(enter);
    }
  }

  function givePlace(): void {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return async (work, waitMs) => {
    await takePlace(waitMs);
    try {
      return await work();
    } finally {
      givePlace();
    }
  };
}
