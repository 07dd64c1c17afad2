import type { GossipDigest } from './delta.ts';

/** What two nodes have to tell one another of an endpoint, by their digests alone. */
export interface DigestComparison {
  /** The other holds something newer. */
  readonly want: boolean;
  /** I hold something newer. */
  readonly give: boolean;
}

/**
 * Compares my digest with the other's (cassandra GossipDigestSynVerbHandler / Gossiper.examineGossiper): a higher
 * generation wins as a whole; in the same generation each counter is compared by itself, so both may hold.
 */
export function compareDigest(mine: GossipDigest, other: GossipDigest): DigestComparison {
  if (mine.generation !== other.generation) {
    return { want: other.generation > mine.generation, give: other.generation < mine.generation };
  }
  return {
    want: other.version > mine.version || other.bulkVersion > mine.bulkVersion,
    give: other.version < mine.version || other.bulkVersion < mine.bulkVersion,
  };
}
