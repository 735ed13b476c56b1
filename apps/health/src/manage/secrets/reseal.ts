import { WaggleError } from "@waggle/domain";
import type { SecretBox } from "@waggle/secrets";
import { SEALED_KINDS, type SealedCount, type SealedKind, type SealedStore, type SealedValue } from "./ports";

export interface ResealParts {
  readonly store: Pick<SealedStore, "moveBatch">;
  /** Its first key is the one everything moves to. */
  readonly box: SecretBox;
  readonly onProgress: (progress: ResealProgress) => void;
}

/** How many of a kind have been moved so far. */
export interface ResealProgress {
  readonly kind: SealedKind;
  readonly moved: number;
}

export interface Resealed {
  readonly moved: Readonly<Record<SealedKind, number>>;
  /** Owners of something that does not open: its key is not configured, or it was altered. */
  readonly unreadable: readonly string[];
}

/**
 * Moves every sealed value to the first key, a batch at a time while everything runs. What was moved stays so when it
 * is interrupted: the next time it goes on with the rest. What does not open stays as it is.
 */
export async function reseal(parts: ResealParts): Promise<Resealed> {
  const unreadable = new Set<string>();
  const moved = { tenants: 0, webhooks: 0, answers: 0 };
  for (const kind of SEALED_KINDS) {
    // Somebody who still seals with another key may be behind us: it is done when there is nothing more to move.
    for (let before = -1; before < moved[kind]; ) {
      before = moved[kind];
      for await (const count of moveAll(kind, parts, unreadable)) {
        moved[kind] += count;
        parts.onProgress({ kind, moved: moved[kind] });
      }
    }
  }
  return { moved, unreadable: [...unreadable] };
}

/** How many values are sealed under other keys than `kid`. */
export function underOtherKeys(counts: readonly SealedCount[], kid: string): number {
  return counts.filter((count) => count.kid !== kid).reduce((sum, { count }) => sum + count, 0);
}

/** Goes through all of a kind once; yields how many were moved, for each batch that had any. */
async function* moveAll(
  kind: SealedKind,
  { store, box }: ResealParts,
  unreadable: Set<string>,
): AsyncGenerator<number> {
  const move = ({ sealed, aad, owner }: SealedValue) => {
    try {
      return box.reseal(sealed, aad);
    } catch (error) {
      if (!(error instanceof WaggleError && error.code === "secret_unreadable")) throw error;
      unreadable.add(owner);
      return sealed;
    }
  };
  for (let after: string | null = ""; after !== null; ) {
    const batch = await store.moveBatch(kind, { kid: box.kid, after }, move);
    if (batch.moved > 0) yield batch.moved;
    after = batch.next;
  }
}
