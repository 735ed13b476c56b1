/** A bucket ends a fifth above the one before: what is read from the counts is at most that far from the truth. */
const GROWTH = 1.2;

/** Ends at 38 s, and holds whatever took longer; an attempt takes at most some 35 s. */
const LAST_BUCKET = 58;

/** Attempts by duration: element n counts those of bucket n; buckets that are missing at the end are empty. */
export type LatencyHistogram = readonly number[];

export function latencyHistogram(durationsMs: readonly number[]): LatencyHistogram {
  const counts: number[] = [];
  for (const duration of durationsMs) {
    const bucket = bucketOf(duration);
    while (counts.length <= bucket) counts.push(0);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

/**
 * The duration in whole milliseconds that `share` (0..1) of the attempts did not exceed, null when there are none.
 * Attempts are taken to be spread evenly over their bucket.
 */
export function latencyPercentile(counts: LatencyHistogram, share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(total * share));
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    if (below + count >= rank) {
      const start = bucket === 0 ? 0 : endOf(bucket - 1);
      return Math.round(start + ((endOf(bucket) - start) * (rank - below)) / count);
    }
    below += count;
  }
  return null;
}

function bucketOf(ms: number): number {
  if (ms <= 1) return 0;
  return Math.min(Math.ceil(Math.log(ms) / Math.log(GROWTH)), LAST_BUCKET);
}

function endOf(bucket: number): number {
  return GROWTH ** bucket;
}
