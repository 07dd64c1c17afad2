import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { formatAddress, isLoopback, isWildcard, parseAddress } from '../../src/runtime/address.ts';

describe('an address', () => {
  it.each([
    ['127.0.0.1:7600', '127.0.0.1', 7600, '127.0.0.1:7600'],
    ['DB1.Example.org:1', 'db1.example.org', 1, 'db1.example.org:1'],
    ['node_1:0', 'node_1', 0, 'node_1:0'],
    ['[2001:DB8::1]:65535', '2001:db8::1', 65535, '[2001:db8::1]:65535'],
  ])('%s is read as its host and port, and written as it was meant', (text, host, port, written) => {
    expect(parseAddress(text)).toEqual({ host, port });
    expect(formatAddress(parseAddress(text))).toBe(written);
  });

  it.each([
    ['', 'host:port'],
    ['7600', 'host:port'],
    ['127.0.0.1', 'host:port'],
    ['::1', '\\[::1\\]:port'],
    ['[::1]', 'host:port'],
    ['[127.0.0.1]:1', 'IPv6 address within the brackets'],
    ['1.2.3.400:1', 'IPv4'],
    ['host:65536', 'port from 0 to 65535'],
    ['host:-1', 'host:port'],
    ['a b:1', 'host name'],
    ['http://a:1', 'host:port'],
    ['-a:1', 'host name'],
    [`${'a'.repeat(64)}:1`, 'host name'],
    [7600, 'text'],
    [undefined, 'text'],
  ])('%j is refused, saying what was got and what is expected', (text, expected) => {
    const refusal = expect(() => parseAddress(text, 'advertise'));
    refusal.toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }));
    refusal.toThrow(new RegExp(`^advertise: got .*expected .*${expected}`));
  });

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    'localhost',
    'LOCALHOST',
    'a.localhost',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
  ])('%s is loopback', (host) => expect(isLoopback(host)).toBe(true));

  it.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'localhost.example.org', '127.0.0.1.nip.io', '::2', 'node1'])(
    '%s is not loopback, so what listens there must be secured',
    (host) => expect(isLoopback(host)).toBe(false),
  );

  it('knows the wildcards in every spelling', () => {
    expect(['0.0.0.0', '::', '0:0::0', '127.0.0.1', 'a'].map(isWildcard)).toEqual([true, true, true, false, false]);
  });

  it('is either refused as INVALID_ADDRESS, or read to the same after it was written, whatever the text', () => {
    const pieces = fc.constantFrom('[', ']', ':', '::1', '1', '7600', 'a.b', '-', '%', '0.0.0.0', ' ', '\u0000', 'é');
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const address = parseAddress(text);
          expect(parseAddress(formatAddress(address))).toEqual(address);
          isLoopback(address.host);
          isWildcard(address.host);
        } catch (error) {
          expect(error).toBeInstanceOf(RingError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
