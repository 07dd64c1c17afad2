/**
 * One application state of one node (Cassandra's VersionedValue). Immutable and shared by reference between all holders.
 * `version` comes from the owner's counter; all values set in one step carry the same version.
 */
export interface VersionedValue {
  /** Null is a tombstone: the key was deleted at `version`. */
  readonly value: string | null;
  readonly version: number;
  /** Bytes this entry takes on the wire, key included, measured once so that byte budgets are sums. */
  readonly encodedBytes: number;
}

export function versionedValue(key: string, value: string | null, version: number): VersionedValue {
  return { value, version, encodedBytes: utf8Bytes(key) + 2 + (value === null ? 1 : utf8Bytes(value) + 3) + 9 };
}

/** Length of a string in UTF-8, without encoding it. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // A surrogate pair is two units and four bytes.
    if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length) {
      const low = text.charCodeAt(at + 1);
      if (low >= 0xdc00 && low < 0xe000) at++;
    }
  }
  return bytes;
}
