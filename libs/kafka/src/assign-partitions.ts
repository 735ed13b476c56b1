export interface Claim {
  readonly memberId: string;
  /** Partition numbers it owned before. */
  readonly owned: readonly number[];
  /** Whether the group may have given them away since: then it yields to whoever is sure. */
  readonly stale: boolean;
}

/**
 * Gives partition numbers to members so that every topic's partition i goes to the same member, shares differ by one
 * at most, and what a member owned stays with it as far as its share allows. Pure and deterministic: the same claims
 * in any order lead to the same result. Every member has an entry, also one that gets nothing.
 */
export function assignPartitions(claims: readonly Claim[], partitionCount: number): Map<string, number[]> {
  const members = [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const free = new Set(Array.from({ length: partitionCount }, (_, partition) => partition));
  const share = Math.floor(partitionCount / Math.max(1, members.length));
  let largerShares = partitionCount - share * members.length;
  const result = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]));

  // Who owned more goes first, so that the larger shares fall where they move the least.
  const byOwned = [...members].sort(
    (a, b) => Number(a.stale) - Number(b.stale) || new Set(b.owned).size - new Set(a.owned).size,
  );
  for (const { memberId, owned } of byOwned) {
    const still = [...new Set(owned)].filter((partition) => free.has(partition)).sort((a, b) => a - b);
    const isLarger = largerShares > 0 && still.length > share;
    if (isLarger) largerShares -= 1;
    const kept = still.slice(0, share + Number(isLarger));
    for (const partition of kept) free.delete(partition);
    result.set(memberId, kept);
  }
  const rest = free.values();
  for (const [, mine] of result) {
    const becomesLarger = largerShares > 0 && mine.length <= share;
    if (becomesLarger) largerShares -= 1;
    while (mine.length < share + Number(becomesLarger)) {
      const { value } = rest.next();
      if (value === undefined) break;
      mine.push(value);
    }
    mine.sort((a, b) => a - b);
  }
  return result;
}
