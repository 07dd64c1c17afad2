import { maskedCrc32c } from './crc32c.ts';

/**
 * LevelDB replays its write-ahead log at each start and silently leaves out what does not match its checksum: promises
 * and records would be forgotten without a word. This reads the logs first, by LevelDB's own format (doc/log_format.md):
 * blocks of 32 KiB with fragments of masked CRC-32C (4 bytes, little-endian), length (2), type (1) and data; fewer than
 * 7 bytes at a block's end are filled up. A write is one fragment, or several, one a block.
 *
 * Every write of ours is synced before the next begins, so a crash can tear only the last one, which nobody was told of.
 * It leaves that cut short, or zeros in its place, or, as a host writes page by page in any order, zeros where a page never
 * reached the disk. That is what a log is for, and no damage. Bit rot in a last write that was acknowledged does not end
 * at the borders of a page; what a crash may have left and rot too is damage, and the operator is told of both.
 */
const blockBytes = 32_768;
const headerBytes = 7;
const pageBytes = 4_096;
/** More zeros in a row than a stored record has by itself, but for a text of NULs: its numbers take eight bytes. */
const tellingZeros = 16;

const fragmentTypes = { full: 1, first: 2, middle: 3, last: 4 } as const;

export interface LogDamage {
  /** Where the write begins that does not match its checksum. */
  readonly at: number;
  /** True if no other write comes after it, so that a crash may have torn it, though it does not look like that. */
  readonly inLastWrite: boolean;
}

/** The first damage of a log; null if there is none, or only what a crash leaves. */
export function damageOfLog(log: Uint8Array): LogDamage | null {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  let at = 0;
  /** Where the write began of which more fragments are to come. */
  let begun: number | null = null;
  while (at + headerBytes <= log.length) {
    const leftInBlock = blockBytes - (at % blockBytes);
    if (leftInBlock < headerBytes) {
      at += leftInBlock;
      continue;
    }
    const writeAt: number = begun ?? at;
    const type = log[at + 6]!;
    const end = wholeFragmentEnd(log, view, at);
    if (end === null) {
      if (hasWriteAfter(log, view, at + 1)) return { at: writeAt, inLastWrite: false };
      return isTorn(log, view, at) ? null : { at: writeAt, inLastWrite: true };
    }
    begun = type === fragmentTypes.first || type === fragmentTypes.middle ? writeAt : null;
    at = end;
  }
  return null;
}

/** Where the fragment at `at` ends; null if it is not whole, checksum and all. */
function wholeFragmentEnd(log: Uint8Array, view: DataView, at: number): number | null {
  const end = at + headerBytes + view.getUint16(at + 4, true);
  if (end > Math.min(log.length, endOfBlock(at))) return null;
  return view.getUint32(at, true) === maskedCrc32c(log.subarray(at + 6, end)) ? end : null;
}

/** True if a write begins with a whole fragment anywhere from `from` on: a damaged length may hide where that is. */
function hasWriteAfter(log: Uint8Array, view: DataView, from: number): boolean {
  for (let at = from; at + headerBytes < log.length; at++) {
    const type = log[at + 6]!;
    if (type !== fragmentTypes.full && type !== fragmentTypes.first) continue;
    if (view.getUint16(at + 4, true) > 0 && wholeFragmentEnd(log, view, at) !== null) return true;
  }
  return false;
}

/** True if the fragment at `at`, of the last write, is as a crash leaves it. */
function isTorn(log: Uint8Array, view: DataView, at: number): boolean {
  const length = view.getUint16(at + 4, true);
  const end = at + headerBytes + length;
  if (end > endOfBlock(at)) return hasUnwrittenPage(log, at, Math.min(log.length, endOfBlock(at)));
  // Cut short; but if all that is there matches, nothing is missing, and the length is what is damaged.
  if (end > log.length) return view.getUint32(at, true) !== maskedCrc32c(log.subarray(at + 6));
  if (isZero(log, at, log.length)) return true;
  return hasUnwrittenPage(log, at, length > 0 ? end : Math.min(log.length, endOfBlock(at)));
}

/** True if some page is all zero as far as it lies between the two. */
function hasUnwrittenPage(log: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const next = Math.min(to, at - (at % pageBytes) + pageBytes);
    if (next - at >= tellingZeros && isZero(log, at, next)) return true;
    at = next;
  }
  return false;
}

const endOfBlock = (at: number): number => at - (at % blockBytes) + blockBytes;
const isZero = (log: Uint8Array, from: number, to: number): boolean =>
  log.subarray(from, to).every((byte) => byte === 0);
