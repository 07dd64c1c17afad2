import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import type { NodeOptions } from '../../src/runtime/node-options.ts';
import { resolveNodeOptions } from '../../src/runtime/resolve-node-options.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function fileWith(text: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'murmuring-options-'));
  folders.push(folder);
  const file = join(folder, 'file');
  writeFileSync(file, text);
  return file;
}

const resolved = (options: Record<string, unknown>) =>
  resolveNodeOptions({ cluster: 'flock', ...options } as unknown as NodeOptions);

function refusalOf(options: Record<string, unknown>): RingError {
  try {
    resolved(options);
  } catch (error) {
    if (error instanceof RingError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(options)} was accepted`);
}

describe('node options', () => {
  it('need only the name of the cluster', () => {
    expect(resolved({})).toEqual({
      cluster: 'flock',
      listen: { host: '127.0.0.1', port: 7600 },
      advertise: null,
      seeds: [],
      seedsFile: null,
      ownSeed: true,
      data: resolve('murmuring-data'),
      datacenter: 'dc1',
      rack: 'rack1',
      tokens: 16,
      initialTokens: [],
      allowConfigChange: false,
      http: { host: '127.0.0.1', port: 7601 },
      httpToken: null,
      secret: null,
      insecure: false,
      found: false,
      join: true,
      strictJoin: true,
      joinAsNew: false,
      shadowTimeoutMs: 60_000,
      joinTimeoutMs: 30_000,
      skipSchema: [],
      detector: 'swim',
      phiThreshold: 8,
      gossipIntervalMs: 1_000,
      onStart: null,
      onRangeMovement: null,
      replace: null,
      loadProvider: null,
      loadDirectory: null,
      logLevel: 'info',
      logger: null,
      signal: null,
      warnings: [],
    });
  });

  it('take initial tokens as text, bigint or number, and as many vnodes', () => {
    expect(resolved({ initialTokens: ['-9223372036854775807', 7n, -3] })).toMatchObject({
      tokens: 3,
      initialTokens: [-9223372036854775807n, 7n, -3n],
    });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['initialTokens', { initialTokens: [] }, /expected a list of 1 to 256 different tokens/],
    ['initialTokens', { initialTokens: ['5', '5'] }, /got \["5","5"\], expected a list/],
    ['initialTokens', { initialTokens: ['-9223372036854775808'] }, /from -9223372036854775807 to/],
    ['initialTokens', { initialTokens: [2 ** 60] }, /the large ones as text/],
    ['initialTokens', { initialTokens: '5' }, /expected a list/],
    ['tokens', { initialTokens: ['5'], tokens: 16 }, /as many as initialTokens, 1/],
    ['cluster', { cluster: undefined }, /got nothing, expected the name of the cluster/],
    ['cluster', { cluster: 'x'.repeat(49) }, /expected text of 1 to 48/],
    ['cluster', { cluster: ' flock' }, /got " flock", expected text/],
    ['cluster', { cluster: 'a\nb' }, /expected text/],
    ['cluster', { cluster: 7 }, /got 7, expected text/],
    ['rack', { rack: '' }, /got "", expected text/],
    ['datacenter', { datacenter: null }, /got null, expected a value/],
    ['tokens', { tokens: 0 }, /got 0, expected a whole number from 1 to 256/],
    ['tokens', { tokens: 1.5 }, /got 1.5/],
    ['tokens', { tokens: '16' }, /got "16"/],
    ['found', { found: 'yes' }, /got "yes", expected true or false/],
    ['joinTimeout', { joinTimeout: '60' }, /got "60", expected a duration/],
    ['joinTimeout', { joinTimeout: '2h' }, /expected a duration from 1000 ms to 3600000 ms/],
    ['gossipIntervalMs', { gossipIntervalMs: Number.NaN }, /expected a duration/],
    ['phiThreshold', { phiThreshold: 17 }, /got 17, expected a number from 5 to 16/],
    ['detector', { detector: 'gut' }, /got "gut", expected swim, phi/],
    ['logLevel', { logLevel: 'loud' }, /got "loud", expected silent, fatal/],
    ['listen', { listen: 'everywhere' }, /got "everywhere", expected host:port/],
    ['advertise', { listen: '0.0.0.0:7600', secret: 'x' }, /got nothing, .*listen is the wildcard 0.0.0.0:7600/],
    ['advertise', { advertise: '[::]:7600' }, /that others can reach/],
    ['seeds', { seeds: '127.0.0.1:1' }, /expected a list/],
    ['seeds', { seeds: ['127.0.0.1:0'] }, /none with port 0/],
    ['seeds', { seeds: ['a:1', 'b'] }, /got "b", expected host:port/],
    ['http', { http: true }, /got true/],
    ['onStart', { onStart: 'now' as never }, /expected a function/],
    ['loadProvider', { loadProvider: 7 }, /expected a function/],
    ['loadDirectory', { loadProvider: () => 7, loadDirectory: '.' }, /one of the two/],
    ['signal', { signal: 'SIGTERM' }, /expected an AbortSignal/],
    ['secretFile', { secretFile: '/no/such/file' }, /\/no\/such\/file cannot be read \(ENOENT\)/],
    ['secretFile', { secret: 'a', secretFile: 'b' }, /one of the two/],
    ['replace', { replace: '00000000-0000-4000-8000-000000000000', join: false }, /an observer takes no place/],
    ['seedsFile', { seeds: ['10.0.0.1:7600'], seedsFile: 'b' }, /one of the two/],
    ['httpToken', { httpToken: 'two words' }, /without spaces/],
  ])('refuse a wrong %s (%j), saying what was got and what is expected', (key, options, text) => {
    const refusal = refusalOf(options);
    expect(refusal.code).toMatch(/^INVALID_(CONFIG|ADDRESS)$/);
    expect(refusal.message).toMatch(text);
    expect(refusal.message.startsWith(`${key}: `)).toBe(true);
    expect(refusal.details.key).toBe(key);
  });

  it('refuse an unknown key and name the nearest known one', () => {
    expect(refusalOf({ dataCenter: 'x' })).toMatchObject({ code: 'INVALID_CONFIG', hint: 'Did you mean datacenter?' });
    expect(refusalOf({ frobnicate: 1 }).hint).toMatch(/^Known are cluster, listen/);
    expect(() => resolveNodeOptions(null as unknown as NodeOptions)).toThrow(/options: got null/);
  });

  it('take durations as text and as milliseconds', () => {
    expect(resolved({ joinTimeout: '90s', joinTimeoutMs: '2m', gossipIntervalMs: '0.2s' })).toMatchObject({
      shadowTimeoutMs: 90_000,
      joinTimeoutMs: 120_000,
      gossipIntervalMs: 200,
    });
    expect(resolved({ joinTimeout: 5_000 }).shadowTimeoutMs).toBe(5_000);
  });

  it('take a node as its own seed only on loopback and without seeds', () => {
    expect(resolved({ listen: '[::1]:0' }).ownSeed).toBe(true);
    expect(resolved({ seeds: [] }).ownSeed).toBe(true);
    expect(resolved({ seeds: ['127.0.0.1:7600'] }).ownSeed).toBe(false);
    expect(resolved({ listen: '10.0.0.1:7600', secret: 'long enough, really' }).ownSeed).toBe(false);
  });

  it('name every seed once, in one spelling', () => {
    expect(resolved({ seeds: ['A:1', 'a:1', '[2001:DB8::1]:2'] }).seeds).toEqual(['a:1', '[2001:db8::1]:2']);
  });

  it('switch HTTP off', () => {
    expect(resolved({ http: false }).http).toBeNull();
    expect(resolved({ http: 'off' }).http).toBeNull();
  });

  it('read secret and token from files, without the line break at the end', () => {
    const secret = new Uint8Array([1, 10, 2, 0, 255, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 10]);
    expect([...resolved({ secretFile: fileWith(secret) }).secret!]).toEqual([...secret.slice(0, -1)]);
    expect(resolved({ httpTokenFile: fileWith('token\r\n') }).httpToken).toBe('token');
    expect(refusalOf({ secretFile: fileWith('\n') }).message).toMatch(/has 0 bytes/);
  });

  it('warn of a secret that can be guessed', () => {
    expect(resolved({ secret: 'short' }).warnings).toEqual([expect.stringContaining('only 5 bytes')]);
    expect(resolved({ secret: 'sixteen bytes ok' }).warnings).toEqual([]);
  });

  it('never show a secret, not even a wrong one', () => {
    const wrong = { toString: () => 'hunter2', secret: 'hunter2' };
    for (const key of ['secret', 'httpToken']) expect(refusalOf({ [key]: wrong }).message).not.toContain('hunter2');
    expect(refusalOf({ httpToken: 'hunter2 ' }).message).not.toContain('hunter2');
  });

  it('refuse to listen off loopback without protection, unless insecure says so', () => {
    const open = { listen: '10.0.0.1:7600', http: '10.0.0.1:7601' };
    expect(refusalOf(open)).toMatchObject({ code: 'INSECURE', details: { key: 'listen' } });
    expect(refusalOf(open).hint).toMatch(/--secret-file/);
    expect(refusalOf({ ...open, secret: 'sixteen bytes ok' })).toMatchObject({
      code: 'INSECURE',
      details: { key: 'http' },
    });
    expect(resolved({ ...open, secret: 'sixteen bytes ok', httpToken: 't' }).warnings).toEqual([]);
    expect(resolved({ ...open, insecure: true }).warnings).toHaveLength(2);
  });
});
