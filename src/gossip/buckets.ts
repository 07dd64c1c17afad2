import type { HostId } from '../base/id.ts';

/** Endpoints fall into that many buckets by the last byte of their host id. */
export const finestBuckets = 256;

/** The bucket of a host, below `buckets`, which divides `finestBuckets`. */
export function bucketOf(hostId: HostId, buckets: number = finestBuckets): number {
  return Math.floor(Number.parseInt(hostId.slice(-2), 16) / (finestBuckets / buckets));
}

/**
 * How many buckets an exchange over `endpoints` endpoints compares: 64, and more once a bucket would hold more than four,
 * so that one difference costs a few digests, while the hashes of all buckets still fit a datagram.
 */
export function bucketCount(endpoints: number): number {
  return endpoints <= 256 ? 64 : endpoints <= 512 ? 128 : finestBuckets;
}

/** A part of the endpoints: those in some of `count` buckets. */
export interface BucketScope {
  readonly count: number;
  /** Ascending, each below `count`. */
  readonly buckets: readonly number[];
}

/** Whether a host is in a scope; null is all of them. */
export function scopeFilter(scope: BucketScope | null): (hostId: HostId) => boolean {
  if (scope === null) return () => true;
  const inside = new Uint8Array(scope.count);
  for (const bucket of scope.buckets) inside[bucket] = 1;
  return (hostId) => inside[bucketOf(hostId, scope.count)] === 1;
}

/** The buckets in which two rows of hashes of equal length differ. */
export function differingBuckets(mine: readonly number[], theirs: readonly number[]): number[] {
  const buckets: number[] = [];
  for (let bucket = 0; bucket < mine.length; bucket++) if (mine[bucket] !== theirs[bucket]) buckets.push(bucket);
  return buckets;
}
