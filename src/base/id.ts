import type { Random } from './random.ts';

/** A node *is* its host id: a lower-case UUID, made at first start and kept on disk. Addresses are attributes. */
export type HostId = string;

/** `host:port`; IPv6 hosts in brackets. What a member advertises, or what a seed list says. */
export type Address = string;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a canonical (lower-case) UUID of any version. */
export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && uuidPattern.test(text);
}

/** A random (version 4) UUID from injected chance: host, cluster, operation and lineage ids. */
export function randomUuid(random: Random): string {
  const hex = randomHex(random, 16);
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** `bytes` random bytes as lower-case hexadecimal. `bytes` is a multiple of 4. */
export function randomHex(random: Random, bytes: number): string {
  let hex = '';
  for (let done = 0; done < bytes; done += 4) hex += random.uint32().toString(16).padStart(8, '0');
  return hex;
}
