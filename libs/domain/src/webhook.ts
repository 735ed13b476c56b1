export const WEBHOOK_STATUSES = ["enabled", "disabled"] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

/** Why a webhook is disabled: its receiver failed for too long, answered 410, or a person did it. Contract §4. */
export const DISABLED_REASONS = ["failing", "gone", "manual"] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** Bounds of what a webhook may set. Source: contract §3 and §4, `docs/limits.md`. */
export const WEBHOOK_LIMITS = {
  urlLength: 2_048,
  tags: 50,
  tagLength: 128,
  descriptionLength: 1_024,
  timeoutMs: { min: 1_000, max: 30_000 },
  maxInFlight: { min: 1, max: 64 },
  maxPerSecond: { min: 1, max: 10_000 },
  retryDelays: { min: 1, max: 30 },
  retryDelaySeconds: { min: 1, max: 21_600 },
  disableAfterSeconds: { min: 0, max: 2_592_000 },
  secretOverlapSeconds: { min: 0, max: 604_800 },
  /** The current one and those that rotations have replaced and that still sign: each is a signature in a header. */
  liveSecrets: 5,
} as const;

/** How long a secret that is replaced goes on signing, unless the rotation says otherwise. Source: contract §3. */
export const SECRET_OVERLAP_S = 86_400;
