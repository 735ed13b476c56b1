import type { SecretBox } from "@waggle/secrets";
import type { SealedCount, SealedStore } from "../../manage/secrets/ports";
import { reseal, underOtherKeys } from "../../manage/secrets/reseal";

export interface ResealCommandParts {
  readonly store: SealedStore;
  readonly box: SecretBox;
  /** Only says what there is to move. */
  readonly dryRun: boolean;
  /** Gets a line. */
  readonly say: (line: string) => void;
  readonly pause: (ms: number) => Promise<void>;
  /** How often to look, a second apart, whether Kafka has taken what was changed. */
  readonly looks: number;
}

/** What the command ends with. */
export const RESEAL_EXIT = { done: 0, failed: 1, left: 2 } as const;

const LOOK_EVERY_MS = 1_000;

/**
 * `secrets:reseal` for people and scripts: moves what is sealed to the first key, says how far it is and which keys
 * are still in use, and waits until the directory's topic has got what was moved.
 * @returns the exit code: 0 when nothing is sealed under another key, 2 when something is
 * @throws WaggleError `database_unavailable`; what was moved by then stays so
 */
export async function resealCommand({ store, box, dryRun, say, pause, looks }: ResealCommandParts): Promise<number> {
  say(`Everything is to be sealed under ${box.kid}. Now there are:`);
  let counts = await store.counts();
  for (const line of countLines(counts)) say(line);
  if (!dryRun) {
    const { moved, unreadable } = await reseal({
      store,
      box,
      onProgress: (progress) => say(`  ${progress.kind}: ${progress.moved} moved`),
    });
    say(`Moved what ${moved.tenants} tenants, ${moved.webhooks} webhooks and ${moved.answers} kept answers have.`);
    for (const owner of unreadable) say(`Cannot be opened with any of SECRETS_KEYS: something of ${owner}`);
    counts = await store.counts();
    for (let look = 0; look < looks && waiting(counts, box) > 0; look++) {
      if (look === 0) say("Waiting until Kafka has taken it …");
      await pause(LOOK_EVERY_MS);
      counts = await store.counts();
    }
    say("Now there are:");
    for (const line of countLines(counts)) say(line);
  }
  const left = underOtherKeys(counts, box.kid);
  say(left === 0 ? `No other key than ${box.kid} is in use.` : `${left} values are sealed under other keys.`);
  return left === 0 ? RESEAL_EXIT.done : RESEAL_EXIT.left;
}

function waiting(counts: readonly SealedCount[], box: SecretBox): number {
  return underOtherKeys(
    counts.filter(({ what }) => what === "outbox"),
    box.kid,
  );
}

const SPOKEN: Readonly<Record<SealedCount["what"], string>> = {
  secrets: "secrets",
  headers: "header values",
  answers: "kept answers",
  outbox: "values on their way to Kafka",
};

function countLines(counts: readonly SealedCount[]): string[] {
  if (counts.length === 0) return ["  none"];
  return counts.map(({ what, kid, count }) => `  ${count} ${SPOKEN[what]} under ${kid}`);
}
