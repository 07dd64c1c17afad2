import { maskedCrc32c } from './crc32c.ts';

/**
 * LevelDB replays its write-ahead log at each start and silently leaves out what does not match its checksum: promises
 * and records would be forgotten without a word. This reads the logs first, by LevelDB's own format (doc/log_format.md):
 * blocks of 32 KiB with fragments of masked CRC-32C (4 bytes, little-endian), length (2), type (1) and data; fewer than
 * 7 bytes at a block's end are filled up.
 *
 * A crash can cut the last write short or leave zeros in its place; that is what a log is for, and no damage.
 */
const blockBytes = 32_768;
const headerBytes = 7;

/** Where the first fragment of a log starts whose checksum does not match; null if all do. */
export function damageOfLog(log: Uint8Array): number | null {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  let at = 0;
  while (at + headerBytes <= log.length) {
    const leftInBlock = blockBytes - (at % blockBytes);
    if (leftInBlock < headerBytes) {
      at += leftInBlock;
      continue;
    }
    const length = view.getUint16(at + 4, true);
    const end = at + headerBytes + length;
    const sum = view.getUint32(at, true);
    if (length === 0 && sum === 0 && log.subarray(at).every((byte) => byte === 0)) return null;
    if (headerBytes + length > leftInBlock) return at;
    // Cut short by a crash, unless what is whole comes after it: then the length is what is damaged.
    if (end > log.length) return hasFragmentAfter(log, view, at + 1) ? at : null;
    if (sum !== maskedCrc32c(log.subarray(at + 6, end))) return at;
    at = end;
  }
  return null;
}

/** True if a whole fragment, checksum and all, begins anywhere from `from` on. */
function hasFragmentAfter(log: Uint8Array, view: DataView, from: number): boolean {
  for (let at = from; at + headerBytes < log.length; at++) {
    const end = at + headerBytes + view.getUint16(at + 4, true);
    const type = log[at + 6]!;
    if (end === at + headerBytes || end > log.length || type < 1 || type > 4) continue;
    if (view.getUint32(at, true) === maskedCrc32c(log.subarray(at + 6, end))) return true;
  }
  return false;
}
