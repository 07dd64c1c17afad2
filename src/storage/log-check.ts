import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

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

/** What is wrong with the first damaged log in a store's directory (file, byte, finding), or null. */
export async function damageOfLogs(directory: string): Promise<string | null> {
  for (const name of (await readdir(directory)).filter((each) => /^\d+\.log$/.test(each)).sort()) {
    const at = firstDamage(await readFile(join(directory, name)));
    if (at !== null) return `${name} does not match its checksum at byte ${at}`;
  }
  return null;
}

/** Where the first fragment starts whose checksum does not match; null if all do. */
export function firstDamage(log: Uint8Array): number | null {
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
    if (end > log.length) return null;
    if (sum !== maskedCrc32c(log.subarray(at + 6, end))) return at;
    at = end;
  }
  return null;
}

/** CRC-32C (Castagnoli), masked as LevelDB stores it: a sum of data that contains sums would be weak. */
export function maskedCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!;
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0x82f63b78);
  return crc;
});
