import type { Happening, Watch } from "./watch";

export interface HappeningsOptions {
  /** Milliseconds without anything to say after which that is said. */
  readonly heartbeatMs: number;
  /** Asked about once a heartbeat: whether who watches still may. */
  readonly isAllowed: () => Promise<boolean>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a watch learns until it ends, whatever the door: batch after batch, an empty one for a heartbeat. */
export async function* happenings(
  watch: Watch,
  { heartbeatMs, isAllowed, now }: HappeningsOptions,
): AsyncGenerator<readonly Happening[]> {
  let asked = now();
  while (watch.ended === null) {
    const happened = await watch.next(heartbeatMs);
    if (watch.ended !== null) return;
    yield happened;
    if (now() - asked < heartbeatMs) continue;
    asked = now();
    if (!(await isAllowed())) watch.end("unauthorized");
  }
}
