import type { SealedSecret } from "@waggle/contracts";

/** Those that sign at a time (milliseconds since the epoch): the current one, and replaced ones whose overlap lasts. */
export function liveSecrets(secrets: readonly SealedSecret[], now: number): readonly SealedSecret[] {
  return secrets.filter(({ expires_at }) => expires_at === null || expires_at > now);
}
