/**
 * A value and when it was written: microseconds by the writer's clock, then the writer's name. The newest wins wherever
 * two meet, in whatever order they come, so writing one again, or merging a whole range twice, changes nothing.
 */
export interface VersionedValue {
  readonly value: string;
  readonly timestampUs: number;
  readonly writer: string;
}

/** The newer of two; null is older than any. */
export function newer(left: VersionedValue | null, right: VersionedValue | null): VersionedValue | null {
  if (left === null || right === null) return left ?? right;
  if (left.timestampUs !== right.timestampUs) return left.timestampUs > right.timestampUs ? left : right;
  return left.writer >= right.writer ? left : right;
}

/** A key with its value, as it goes from replica to replica. */
export interface Entry {
  readonly key: string;
  readonly version: VersionedValue;
}
