import type { Happening, Watch } from "./watch";

export interface HappeningsOptions {
  /** Milliseconds without anything to say after which that is said. */
  readonly heartbeatMs: number;
  /** Asked again and again: whether who watches still may. */
  readonly isAllowed: () => Promise<boolean>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A key that is revoked ends its streams within 5 s, whatever happens in them. Source: contract §4. */
const ASK_EVERY_MS = 4_000;

/** What a watch learns until it ends, whatever the door: batch after batch, an empty one for a heartbeat. */
export async function* happenings(
  watch: Watch,
  { heartbeatMs, isAllowed, now }: HappeningsOptions,
): AsyncGenerator<readonly Happening[]> {
  let asked = now();
  let said = asked;
  while (watch.ended === null) {
    const wait = Math.min(asked + ASK_EVERY_MS, said + heartbeatMs) - now();
    const happened = await watch.next(Math.max(0, wait));
    if (now() - asked >= ASK_EVERY_MS) {
      asked = now();
      if (!(await isAllowed())) watch.end("unauthorized");
    }
    if (watch.ended !== null) return;
    if (happened.length === 0 && now() - said < heartbeatMs) continue;
    yield happened;
    said = now();
  }
}
