import { WaggleError } from "@waggle/domain";
import { type SecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import type { OwnerKind, SealedCount, SealedStore, SealedValues, SecretOwner } from "./ports";

export interface ResealParts {
  readonly store: SealedStore;
  /** Its first key is the one everything moves to. */
  readonly box: SecretBox;
  readonly onProgress: (progress: ResealProgress) => void;
}

export interface ResealProgress {
  readonly kind: OwnerKind;
  /** How many owners have been moved so far. */
  readonly moved: number;
}

export interface Resealed {
  readonly moved: Readonly<Record<OwnerKind, number>>;
  /** Owners of something that does not open: its key is not configured, or it was altered. */
  readonly unreadable: readonly string[];
}

/**
 * Moves every sealed value to the first key, a batch at a time while everything runs. What was moved stays so when it
 * is interrupted: the next time it goes on with the rest.
 */
export async function reseal(parts: ResealParts): Promise<Resealed> {
  const unreadable = new Set<string>();
  const moved = { tenant: 0, webhook: 0 };
  for (const kind of ["tenant", "webhook"] as const) {
    // Somebody who still seals with another key may be behind us: it is done when there is nothing more to do.
    for (let before = -1; before < moved[kind]; ) {
      before = moved[kind];
      for await (const count of resealAll(kind, parts, unreadable)) {
        moved[kind] += count;
        parts.onProgress({ kind, moved: moved[kind] });
      }
    }
  }
  return { moved, unreadable: [...unreadable] };
}

/** How many values are sealed under other keys than the first. */
export function underOtherKeys(counts: readonly SealedCount[], kid: string): number {
  return counts.filter((count) => count.kid !== kid).reduce((sum, { count }) => sum + count, 0);
}

/** Goes through all owners once; yields how many were moved, batch by batch. */
async function* resealAll(
  kind: OwnerKind,
  { store, box }: ResealParts,
  unreadable: Set<string>,
): AsyncGenerator<number> {
  for (let after: string | null = ""; after !== null; ) {
    const { ids, next } = await store.withOtherKeys(kind, box.kid, after);
    if (ids.length > 0) yield await store.rewrite(kind, ids, (owner) => resealed(owner, box, unreadable));
    after = next;
  }
}

/** What does not open stays as it is, and its owner is named in `unreadable`; the rest of the owner's moves. */
function resealed(
  { tenant_id, webhook_id, secrets, headers }: SecretOwner,
  box: SecretBox,
  unreadable: Set<string>,
): SealedValues {
  const aad = webhook_id === null ? tenantAad(tenant_id) : webhookAad(tenant_id, webhook_id);
  const move = <Value extends { readonly sealed: string }>(value: Value): Value => {
    try {
      return { ...value, sealed: box.reseal(value.sealed, aad) };
    } catch (error) {
      if (!(error instanceof WaggleError && error.code === "secret_unreadable")) throw error;
      unreadable.add(webhook_id ?? tenant_id);
      return value;
    }
  };
  return { secrets: secrets.map(move), headers: headers.map(move) };
}
