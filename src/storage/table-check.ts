import { maskedCrc32c } from './crc32c.ts';

/**
 * LevelDB does not look at the checksums of its tables when it reads, and one flipped bit can make a value into a deletion.
 * This reads a table by LevelDB's own format (doc/table_format.md): blocks, each followed by its type (1 byte) and masked
 * CRC-32C (4, little-endian); the index block names the data blocks; the footer names the index block. Our tables are
 * not compressed; of one that LevelDB's repair wrote, whose index may be, only the index is checked.
 */
const footerBytes = 48;
const trailerBytes = 5;
const uncompressed = 0;
const magic = 0xdb4775248b80fb57n;

/** Where the first block starts whose checksum does not match, or what holds the blocks together; null if all is well. */
export function damageOfTable(bytes: Uint8Array): number | null {
  const table = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const footerAt = table.length - footerBytes;
  if (footerAt < 0 || table.readBigUInt64LE(table.length - 8) !== magic) return Math.max(0, footerAt);
  const handles = new VarintReader(table.subarray(footerAt, table.length - 8));
  const metaindex = handles.handle();
  const index = handles.handle();
  for (const block of [metaindex, index]) if (!isWhole(table, block)) return footerAt;
  if (table[index.at + index.bytes] !== uncompressed) return null;
  const entries = table.subarray(index.at, index.at + index.bytes);
  const restarts = entries.readUInt32LE(entries.length - 4);
  const reader = new VarintReader(entries.subarray(0, entries.length - 4 - 4 * restarts));
  while (reader.left > 0) {
    reader.varint();
    const keyBytes = reader.varint();
    reader.varint();
    reader.skip(keyBytes);
    const block = reader.handle();
    if (!isWhole(table, block)) return block.at;
  }
  return null;
}

interface BlockHandle {
  readonly at: number;
  readonly bytes: number;
}

function isWhole(table: Buffer, { at, bytes }: BlockHandle): boolean {
  const end = at + bytes + 1;
  if (end + trailerBytes - 1 > table.length) return false;
  return table.readUInt32LE(end) === maskedCrc32c(table.subarray(at, end));
}

/** Reads LevelDB's varints. Past the end it reads zeros. */
class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  handle(): BlockHandle {
    return { at: this.varint(), bytes: this.varint() };
  }
}
