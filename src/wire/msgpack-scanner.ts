import { type Rejection, rejection } from './rejection.ts';
import { wireLimits } from './wire-limits.ts';

/**
 * Walks the headers of a msgpack text before the decoder sees it (peers.md 3, rule 9), without allocating per element.
 * What our messages are made of is accepted and nothing else: arrays, strings, binaries, nil, unsigned integers up to
 * 32 bits and 64-bit floats (msgpackr's form of larger integers). Extensions, maps, booleans, negative and 64-bit
 * integers are refused, so are nesting, element counts and lengths above the limits, a text that is cut short or goes
 * on, and a top that is no array.
 */
export function scanMsgpack(bytes: Uint8Array): Rejection | null {
  const open = new Uint32Array(wireLimits.depth + 1);
  let depth = 0;
  let elements = 0;
  let at = 0;
  open[0] = 1;
  while (true) {
    while (open[depth] === 0) {
      if (depth === 0) return at === bytes.length ? null : rejection('malformed', `bytes after the end, at ${at}`);
      depth--;
    }
    open[depth]!--;
    if (++elements > wireLimits.elements) return rejection('tooLarge', `more than ${wireLimits.elements} elements`);
    const start = at;
    const head = bytes[at++];
    if (head === undefined) return cutShort(start);

    if (isArray(head)) {
      const size = head === 0xdc ? 2 : head === 0xdd ? 4 : 0;
      if (at + size > bytes.length) return cutShort(start);
      const count = size === 0 ? head & 0x0f : unsigned(bytes, at, size);
      at += size;
      // Every element takes a byte at least: a longer claim is a lie, and would cost memory to believe.
      if (count > bytes.length - at) return cutShort(start);
      if (depth === wireLimits.depth) return rejection('tooLarge', `nested deeper than ${wireLimits.depth}`);
      open[++depth] = count;
      continue;
    }
    if (depth === 0) return rejection('malformed', 'the top is no array');
    const lengthBytes = lengthBytesOf(head);
    if (lengthBytes === null)
      return rejection('malformed', `byte 0x${head.toString(16)} at ${start} is of no type in use`);
    if (at + lengthBytes > bytes.length) return cutShort(start);
    at += lengthBytes + payloadBytes(head, bytes, at, lengthBytes);
    if (at > bytes.length) return cutShort(start);
  }
}

const isArray = (head: number): boolean => (head & 0xf0) === 0x90 || head === 0xdc || head === 0xdd;

/** Bytes of the length field of a scalar; null for a type that is not in use. */
function lengthBytesOf(head: number): number | null {
  if (head < 0x80 || (head >= 0xa0 && head <= 0xc0)) return 0;
  switch (head) {
    case 0xcb: // float 64
    case 0xcc: // unsigned 8, 16, 32
    case 0xcd:
    case 0xce:
      return 0;
    case 0xc4: // binary 8, 16, 32
    case 0xd9: // string 8, 16, 32
      return 1;
    case 0xc5:
    case 0xda:
      return 2;
    case 0xc6:
    case 0xdb:
      return 4;
  }
  return null;
}

function payloadBytes(head: number, bytes: Uint8Array, at: number, lengthBytes: number): number {
  if (lengthBytes > 0) return unsigned(bytes, at, lengthBytes);
  if (head >= 0xa0 && head <= 0xbf) return head & 0x1f;
  if (head === 0xcb) return 8;
  if (head >= 0xcc && head <= 0xce) return 1 << (head - 0xcc);
  return 0;
}

function unsigned(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let offset = 0; offset < size; offset++) value = value * 256 + bytes[at + offset]!;
  return value;
}

const cutShort = (at: number): Rejection => rejection('malformed', `cut short in the element at ${at}`);
