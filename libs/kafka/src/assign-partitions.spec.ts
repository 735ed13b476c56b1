import fc from "fast-check";
import { assignPartitions, type Claim } from "./assign-partitions";

const counts = fc.integer({ min: 0, max: 24 });
const memberIds = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 30 });
/** Claims as they may arrive: overlapping, out of range, repeated, stale. */
const anyClaims = memberIds.chain((ids) =>
  fc.tuple(
    ...ids.map((memberId) =>
      fc.record({
        memberId: fc.constant(memberId),
        owned: fc.array(fc.integer({ min: -1, max: 26 }), { maxLength: 24 }),
        stale: fc.boolean(),
      }),
    ),
  ),
);

function claims(shares: ReadonlyMap<string, readonly number[]>): Claim[] {
  return [...shares].map(([memberId, owned]) => ({ memberId, owned, stale: false }));
}

function newcomer(memberId: string): Claim {
  return { memberId, owned: [], stale: true };
}

/** How many partitions have another owner than before. */
function moves(before: ReadonlyMap<string, readonly number[]>, after: ReadonlyMap<string, readonly number[]>): number {
  const owners = new Map([...before].flatMap(([memberId, owned]) => owned.map((partition) => [partition, memberId])));
  return [...after].flatMap(([memberId, owned]) => owned.filter((partition) => owners.get(partition) !== memberId))
    .length;
}

describe("assigning partitions", () => {
  it("gives every partition to exactly one member, in shares that differ by one at most", () => {
    const property = fc.property(anyClaims, counts, (members, count) => {
      const shares = assignPartitions(members, count);
      const given = [...shares.values()].flat().sort((a, b) => a - b);
      const sizes = [...shares.values()].map((share) => share.length);
      expect(given).toEqual(Array.from({ length: count }, (_, partition) => partition));
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect([...shares.keys()].sort()).toEqual(members.map(({ memberId }) => memberId).sort());
    });
    fc.assert(property);
  });

  it("gives the same whatever the order in which members are listed", () => {
    const shuffled = anyClaims.chain((members) =>
      fc.tuple(fc.constant(members), fc.shuffledSubarray(members, { minLength: members.length })),
    );
    const property = fc.property(shuffled, counts, ([members, others], count) => {
      expect(assignPartitions(others, count)).toEqual(assignPartitions(members, count));
    });
    fc.assert(property);
  });

  it("moves nothing when nobody came or went", () => {
    const property = fc.property(anyClaims, counts, (members, count) => {
      const shares = assignPartitions(members, count);
      expect(assignPartitions(claims(shares), count)).toEqual(shares);
    });
    fc.assert(property);
  });

  it("moves to a newcomer its share and not one partition more", () => {
    const property = fc.property(anyClaims, counts, (members, count) => {
      const before = assignPartitions(members, count);
      const after = assignPartitions([...claims(before), newcomer("a newcomer")], count);
      expect(moves(before, after)).toBe(after.get("a newcomer")?.length);
    });
    fc.assert(property);
  });

  it("moves of a leaver what it owned and not one partition more", () => {
    const property = fc.property(anyClaims, counts, (members, count) => {
      fc.pre(members.length > 1);
      const before = assignPartitions(members, count);
      const [leaver, ...stay] = claims(before);
      const after = assignPartitions(stay, count);
      expect(moves(before, after)).toBe(leaver?.owned.length);
    });
    fc.assert(property);
  });

  it("gives members beyond the number of partitions an empty share", () => {
    const shares = assignPartitions(["a", "b", "c"].map(newcomer), 2);
    expect(Object.fromEntries(shares)).toEqual({ a: [0], b: [1], c: [] });
  });

  it("believes who is sure before who was away, however much that one claims", () => {
    const shares = assignPartitions(
      [
        { memberId: "away", owned: [0, 1, 2, 3, 4, 5], stale: true },
        { memberId: "x", owned: [0, 1, 2], stale: false },
        { memberId: "y", owned: [3, 4, 5], stale: false },
      ],
      6,
    );
    expect(Object.fromEntries(shares)).toEqual({ away: [2, 5], x: [0, 1], y: [3, 4] });
  });

  it("lets one of two members that claim the same keep it", () => {
    const both = ["a", "b"].map((memberId) => ({ memberId, owned: [0, 1, 2, 3], stale: false }));
    expect(Object.fromEntries(assignPartitions(both, 4))).toEqual({ a: [0, 1], b: [2, 3] });
  });
});
