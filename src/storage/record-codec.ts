import { crc32 } from 'node:zlib';
import { Packr } from 'msgpackr';
import type { StoreRecord } from '../node/store-record.ts';
import { type StoreKey, storeKeyOf } from './store-key.ts';
import { isStoredRecord } from './stored-shape.ts';

/**
 * Format 1 of a stored value: CRC-32 (4 bytes, big-endian) of the place and the payload, then the payload, the store
 * record in msgpack. The place is part of the sum, so that a value that got under another key is found out too.
 */
const sumBytes = 4;

// Tokens are 64-bit integers and all other numbers fit a double, so the msgpack type tells bigint from number.
const packr = new Packr({ useRecords: false, variableMapSize: true, int64AsType: 'bigint' });

export function encodeRecord(record: StoreRecord): Uint8Array {
  const payload = packr.pack(record);
  const bytes = Buffer.allocUnsafe(sumBytes + payload.length);
  bytes.writeUInt32BE(sumOf(storeKeyOf(record), payload));
  bytes.set(payload, sumBytes);
  return bytes;
}

export type DecodedRecord =
  | { readonly kind: 'whole'; readonly record: StoreRecord }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Reads a value found at this place. Never throws. */
export function decodeRecord(place: StoreKey, bytes: Uint8Array): DecodedRecord {
  if (bytes.length <= sumBytes) return damaged(`${bytes.length} bytes, expected more than ${sumBytes}`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payload = view.subarray(sumBytes);
  if (view.readUInt32BE() !== sumOf(place, payload)) return damaged('its checksum does not match');
  let record: unknown;
  try {
    record = packr.unpack(payload);
  } catch {
    return damaged('it is no msgpack');
  }
  if (!isStoredRecord(record)) return damaged('it has not the form of a stored record');
  const own = storeKeyOf(record);
  if (own.part !== place.part || own.key !== place.key) return damaged(`it is the record of ${own.part}/${own.key}`);
  return { kind: 'whole', record };
}

const sumOf = ({ part, key }: StoreKey, payload: Uint8Array): number => crc32(payload, crc32(`${part}/${key}`));
const damaged = (reason: string): DecodedRecord => ({ kind: 'damaged', reason });
