import type { ExpiredSecrets } from "./ports";

/** How much longer a secret is kept than it signs: the dispatcher stops by its own clock, which may be behind. */
const KEPT_MS = 10_000;

/** Removes secrets whose overlap is over, from the rows and from what the data plane knows. */
export class SecretExpiry {
  constructor(
    private readonly secrets: ExpiredSecrets,
    private readonly now: () => number,
  ) {}

  /** Resolves when none is left that has been over for a while. */
  async sweep(): Promise<void> {
    const before = this.now() - KEPT_MS;
    while ((await this.secrets.removeSome(before)) > 0);
  }
}
