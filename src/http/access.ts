import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { RingError } from '../base/error.ts';

/** Who may ask what. */
export interface AccessPolicy {
  /** Null: no token is asked for. */
  readonly bearerToken: string | null;
  /** Whether only this machine can reach the listener. */
  readonly loopback: boolean;
}

/** True for a host that only this machine can reach: 127.0.0.0/8, ::1, `localhost`. Any other name is not. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (isIPv4(bare)) return bare.startsWith('127.');
  // A URL knows the one short form of each IPv6 address; 7f is 127, within an IPv4 address as IPv6.
  if (isIPv6(bare))
    return /^\[::(1|ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})\]$/.test(new URL(`http://[${bare.replace(/%.*/, '')}]`).hostname);
  return bare === 'localhost' || bare.endsWith('.localhost');
}

/**
 * Why a request is not admitted, or null. With a token, every request must bear it; it is compared in constant time.
 * Without one a loopback listener takes only requests that name a loopback host: else a page in a browser on this machine,
 * whose name was made to lead here, could ask and change everything (DNS rebinding).
 */
export function refusalOf(
  policy: AccessPolicy,
  headers: { readonly authorization?: string | undefined; readonly host?: string | undefined },
): RingError | null {
  if (policy.bearerToken !== null) {
    const given = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given !== undefined && sameSecret(given.trim(), policy.bearerToken)) return null;
    const got = headers.authorization === undefined ? 'no bearer token' : 'a bearer token that is not the right one';
    return new RingError('UNAUTHORIZED', `got ${got}`, {
      hint: 'Send `Authorization: Bearer TOKEN`; ringctl takes it with --token-file.',
    });
  }
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  if (!policy.loopback || isLoopbackHost(host)) return null;
  return new RingError('UNAUTHORIZED', `got a request to ${JSON.stringify(host)}, expected a loopback address`, {
    hint: 'Ask 127.0.0.1 or localhost, or start the node with an HTTP token.',
  });
}

/** Digests are compared, so that neither content nor length can be learnt from the time it takes. */
function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
