/** Keys of `pg_advisory_lock`, one per task that only one process of a database may be at. */
export const ADVISORY_LOCKS = {
  migrations: 7_100_001,
  relay: 7_100_002,
  logDays: 7_100_003,
} as const;

export type AdvisoryLock = keyof typeof ADVISORY_LOCKS;
