import { RingError } from '../base/error.ts';
import type { Address } from '../base/id.ts';

/** Where a node answers HTTP: the origin of every request to it. Port of a bare `host:port` is required. */
export interface ContactPoint {
  readonly protocol: 'http:' | 'https:';
  /** As `node:http` wants it: no brackets round an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  /** `http://host:port`, brackets included: for people and for comparing. */
  readonly origin: string;
}

const expected = 'expected host:port, [IPv6]:port, http://host:port or https://host:port';

/**
 * Reads a contact point as a user or a member's `httpAddress` gives it. `host:port` speaks plain HTTP unless
 * `protocol` says otherwise; a URL says it itself and may leave its port to the scheme.
 * Throws INVALID_ADDRESS for all else: a path, credentials, a missing port, a bare IPv6 address.
 */
export function parseContactPoint(text: string | Address, protocol: ContactPoint['protocol'] = 'http:'): ContactPoint {
  const isUrl = typeof text === 'string' && /^https?:\/\//i.test(text);
  const url = typeof text === 'string' ? urlOf(isUrl ? text : `${protocol}//${text}`) : null;
  if (url === null || url.hostname === '') throw refused(text);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw refused(text);
  if (url.pathname !== '/' || (!isUrl && !/:\d+$/.test(text))) throw refused(text);
  const scheme = url.protocol === 'https:' ? 'https:' : 'http:';
  const port = url.port === '' ? (scheme === 'https:' ? 443 : 80) : Number(url.port);
  if (port === 0) throw refused(text);
  return {
    protocol: scheme,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    origin: `${scheme}//${url.hostname}:${port}`,
  };
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function refused(text: unknown): RingError {
  return new RingError('INVALID_ADDRESS', `contact point ${JSON.stringify(text)}: ${expected}`, {
    hint: 'Give the HTTP address of a node, such as 127.0.0.1:7601.',
  });
}
