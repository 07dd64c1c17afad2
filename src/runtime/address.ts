import { isIP, isIPv4, isIPv6 } from 'node:net';
import { RingError } from '../base/error.ts';
import type { Address } from '../base/id.ts';
import { shown } from './shown.ts';

/** One end of a socket, taken apart. */
export interface HostPort {
  /** An IPv4 address, an IPv6 address without brackets, or a host name; lower case. */
  readonly host: string;
  /** 0 to 65535. 0 takes a free port where one listens, and is no destination. */
  readonly port: number;
}

const maxHostNameLength = 253;
const hostLabel = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Reads `host:port`: an IPv4 address, a host name, or an IPv6 address in brackets. Throws INVALID_ADDRESS for anything
 * else, naming what was got; `what` says whose address it is (`listen`, `seeds`).
 */
export function parseAddress(text: unknown, what = 'address'): HostPort {
  if (typeof text !== 'string') throw refused(text, what, 'text of the form host:port');
  const parts = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (parts === null) {
    if (isIPv6(text)) throw refused(text, what, `[${text}]:port, brackets round an IPv6 address and a port`);
    throw refused(text, what, 'host:port or [IPv6]:port');
  }
  const [, bracketed, plain, digits] = parts;
  const port = Number(digits);
  if (port > 65_535) throw refused(text, what, 'a port from 0 to 65535');
  if (bracketed !== undefined && !isIPv6(bracketed)) throw refused(text, what, 'an IPv6 address within the brackets');
  if (plain !== undefined && !isIPv4(plain) && !isHostName(plain.toLowerCase())) {
    throw refused(text, what, 'an IPv4 address, a host name or an [IPv6] address before the port');
  }
  return { host: (bracketed ?? plain ?? '').toLowerCase(), port };
}

/** The text that `parseAddress` reads: brackets round an IPv6 host. */
export function formatAddress({ host, port }: HostPort): Address {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/**
 * True for a host that only this machine can reach: 127.0.0.0/8, ::1 (also as IPv4 within IPv6) and `localhost`.
 * Any other name counts as reachable from outside, whatever it may resolve to: it decides what must be secured.
 */
export function isLoopback(host: string): boolean {
  const lower = host.toLowerCase();
  if (lower === 'localhost' || lower.endsWith('.localhost')) return true;
  const mapped = /^::ffff:(.+)$/.exec(lower)?.[1] ?? lower;
  if (isIPv4(mapped)) return mapped.startsWith('127.');
  return isIPv6(lower) && canonicalIPv6(lower) === '::1';
}

/** True for the addresses that stand for every interface: one can listen there, but nobody can be told to come there. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || (isIPv6(host) && canonicalIPv6(host) === '::');
}

/** The shortest form, as URLs have it, so that spellings of one address are equal. */
function canonicalIPv6(host: string): string {
  const withoutZone = host.replace(/%.*$/, '');
  return new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
}

function isHostName(host: string): boolean {
  if (host === '' || host.length > maxHostNameLength) return false;
  // All digits and dots would be an IPv4 address, and is none.
  if (/^[\d.]+$/.test(host) && isIP(host) === 0) return false;
  return host
    .replace(/\.$/, '')
    .split('.')
    .every((label) => hostLabel.test(label));
}

function refused(text: unknown, what: string, expected: string): RingError {
  return new RingError('INVALID_ADDRESS', `${what}: got ${shown(text)}, expected ${expected}`, {
    hint: 'Write addresses as 10.0.0.1:7600, db1.example.org:7600 or [2001:db8::1]:7600.',
    details: { key: what },
  });
}
