import { describe, expect, it } from 'vitest';
import { parseContactPoint } from '../../src/client/contact-point.ts';

describe('a contact point', () => {
  it.each([
    ['127.0.0.1:7601', 'http://127.0.0.1:7601', '127.0.0.1'],
    ['node-1.example:80', 'http://node-1.example:80', 'node-1.example'],
    ['[::1]:7601', 'http://[::1]:7601', '::1'],
    ['http://localhost', 'http://localhost:80', 'localhost'],
    ['https://ring.example/', 'https://ring.example:443', 'ring.example'],
    ['HTTPS://[fe80::1]:9', 'https://[fe80::1]:9', 'fe80::1'],
  ])('%s is %s', (text, origin, hostname) => {
    expect(parseContactPoint(text)).toMatchObject({ origin, hostname });
  });

  it('speaks the given protocol when the address names none, so that a TLS cluster is never asked in the clear', () => {
    expect(parseContactPoint('10.0.0.1:7601', 'https:').origin).toBe('https://10.0.0.1:7601');
    expect(parseContactPoint('http://10.0.0.1:7601', 'https:').protocol).toBe('http:');
  });

  it.each([
    '',
    'localhost',
    '::1',
    '::1:7601',
    '10.0.0.1:0',
    '10.0.0.1:70000',
    'http://a/v1',
    'http://u:p@a:1',
    'ftp://a:1',
    'a:1/x',
    'a b:1',
    'http://a:1?x=1',
  ])('%j is refused with what was expected', (text) => {
    expect(() => parseContactPoint(text)).toThrow(/expected host:port/);
  });

  it('refuses what is no string', () => {
    expect(() => parseContactPoint(7601 as never)).toThrow(/contact point 7601/);
  });
});
