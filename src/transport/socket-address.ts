import { isIPv6 } from 'node:net';
import type { Address } from '../base/id.ts';

export interface HostAndPort {
  /** An IP address without brackets, or a name. */
  readonly host: string;
  readonly port: number;
}

const pattern = /^(?:\[([^[\]]+)\]|([^[\]:]+)):(\d{1,5})$/;

/** The parts of `host:port` or `[v6]:port`; null for anything else, and for port 0, where nobody can listen. */
export function parseAddress(address: Address): HostAndPort | null {
  const match = pattern.exec(address);
  if (match === null) return null;
  const port = Number(match[3]);
  if (port < 1 || port > 65_535 || (match[1] !== undefined && !isIPv6(match[1]))) return null;
  return { host: match[1] ?? match[2]!, port };
}

/** `host:port`, IPv6 in brackets. An IPv4 address as a dual-stack socket shows it (`::ffff:1.2.3.4`) becomes plain. */
export function formatAddress(host: string, port: number): Address {
  const plain = host.startsWith('::ffff:') && host.includes('.') ? host.slice('::ffff:'.length) : host;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
