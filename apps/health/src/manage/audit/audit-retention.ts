import type { AuditStore } from "./ports";

const DAY_MS = 86_400_000;

export interface AuditRetentionParts {
  readonly store: Pick<AuditStore, "forgetBefore">;
  readonly retentionDays: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: { info(fields: object, event: string): void };
}

/** Bounds the audit log: what has been kept for long enough goes. */
export class AuditRetention {
  constructor(private readonly parts: AuditRetentionParts) {}

  /** @throws WaggleError `database_unavailable`: the next time does the rest */
  async sweep(): Promise<void> {
    const { store, retentionDays, now, logger } = this.parts;
    const before = now() - retentionDays * DAY_MS;
    let forgotten = 0;
    for (let some = -1; some !== 0; forgotten += some) some = await store.forgetBefore(before);
    if (forgotten > 0) logger.info({ entries: forgotten }, "audit_log.entries_forgotten");
  }
}
