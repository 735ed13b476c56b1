import type { SealedSecret } from "@waggle/contracts";
import { WaggleError, WEBHOOK_LIMITS } from "@waggle/domain";
import { generateSecret, type SecretBox } from "@waggle/secrets";
import { liveSecrets } from "./live-secrets";

/** What an owner signs with after a rotation. */
export interface Rotated {
  /** Newest first. */
  readonly secrets: readonly SealedSecret[];
  /** The current one, in the clear. */
  readonly secret: string;
  /** When the last of those before it stops signing, in milliseconds since the epoch; null: none signs any more. */
  readonly previous_expires_at: number | null;
}

export interface Rotating {
  /** Null: one is generated. */
  readonly imported: string | null;
  readonly overlapMs: number;
}

/**
 * Makes another secret the current one. Those before it sign along until the overlap ends, or sooner if they were to
 * end sooner: so a rotation within an overlap breaks no receiver, and one with no overlap ends all of them at once.
 * The secret that is current already stays so, whereby an overlap can be cut short; one from before becomes current
 * again. A secret before that cannot be opened is kept: the dispatcher may have its key.
 * @throws WaggleError `too_many_secrets` when more would sign than `WEBHOOK_LIMITS.liveSecrets`
 */
export function rotate(
  secrets: readonly SealedSecret[],
  { imported, overlapMs }: Rotating,
  { box, aad, now }: { readonly box: SecretBox; readonly aad: string; readonly now: number },
): Rotated {
  const secret = imported ?? generateSecret();
  const overlapEnd = now + overlapMs;
  const live = liveSecrets(secrets, now);
  const same = new Set(live.filter(({ sealed }) => opened(box, sealed, aad) === secret));
  const kept = [...same].find(({ expires_at }) => expires_at === null);
  const current = kept ?? { sealed: box.seal(secret, aad), expires_at: null };
  const before = live
    .filter((known) => !same.has(known))
    .map(({ sealed, expires_at }) => ({ sealed, expires_at: Math.min(expires_at ?? overlapEnd, overlapEnd) }))
    .filter(({ expires_at }) => expires_at > now);
  if (before.length + 1 > WEBHOOK_LIMITS.liveSecrets) throw tooMany(before);
  const previousEnds = before.map(({ expires_at }) => expires_at);
  return {
    secrets: [current, ...before],
    secret,
    previous_expires_at: previousEnds.length === 0 ? null : Math.max(...previousEnds),
  };
}

function opened(box: SecretBox, sealed: string, aad: string): string | null {
  try {
    return box.open(sealed, aad);
  } catch (error) {
    if (error instanceof WaggleError && error.code === "secret_unreadable") return null;
    throw error;
  }
}

function tooMany(before: readonly { readonly expires_at: number }[]): WaggleError<"too_many_secrets"> {
  const first = new Date(Math.min(...before.map(({ expires_at }) => expires_at))).toISOString();
  return new WaggleError(
    "too_many_secrets",
    `${before.length} secrets before it still sign: the first of them until ${first}; overlap_s 0 ends all at once`,
  );
}
