import { liveSecrets } from "./live-secrets";
import type { OwnerKind, SealedStore } from "./ports";

/** How much longer a secret is kept than it signs: the dispatcher stops by its own clock, which may be behind. */
const KEPT_MS = 10_000;

const KINDS = ["tenant", "webhook"] as const satisfies readonly OwnerKind[];

/** Removes secrets whose overlap is over, from the rows and from what the data plane knows. */
export class SecretExpiry {
  constructor(
    private readonly store: Pick<SealedStore, "withExpired" | "rewrite">,
    private readonly now: () => number,
  ) {}

  /** Resolves when none is left that has been over for a while. */
  async sweep(): Promise<void> {
    const before = this.now() - KEPT_MS;
    for (const kind of KINDS) {
      while ((await this.sweepSome(kind, before)) > 0);
    }
  }

  private async sweepSome(kind: OwnerKind, before: number): Promise<number> {
    const ids = await this.store.withExpired(kind, before);
    if (ids.length === 0) return 0;
    return this.store.rewrite(kind, ids, ({ secrets, headers }) => ({
      secrets: liveSecrets(secrets, before),
      headers,
    }));
  }
}
