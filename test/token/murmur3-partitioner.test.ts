import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingError } from '../../src/base/error.ts';
import { KeyHasher } from '../../src/token/key-hasher.ts';
import { murmur3Token, tokenOf, tokenOfHalves } from '../../src/token/murmur3-partitioner.ts';
import { maxToken, minToken } from '../../src/token/token.ts';
import { driverToken } from '../ring/driver-judge.ts';

const vectorsOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
    .map(([hex, token]) => ({ bytes: Buffer.from(hex!, 'hex'), token: BigInt(token!) }));

const carried = vectorsOf(resolve(import.meta.dirname, 'vectors.tsv'));
const sharedPath = resolve(import.meta.dirname, '../../../shared/vectors/murmur3-tokens.tsv');

const wrong = (vectors: typeof carried) =>
  vectors
    .filter(({ bytes, token }) => murmur3Token(bytes) !== token)
    .map(({ bytes, token }) => `${bytes.toString('hex')}: got ${murmur3Token(bytes)}, expected ${token}`);

describe('T01 hash vectors', () => {
  it('T01 gives every carried key the token that Cassandra gives it', () => {
    expect(carried.length).toBeGreaterThan(200);
    expect(wrong(carried)).toEqual([]);
  });

  it.runIf(existsSync(sharedPath))('T01 gives all 1,912 keys of the shared vectors the token of Cassandra', () => {
    const vectors = vectorsOf(sharedPath);
    expect(vectors).toHaveLength(1_912);
    expect(wrong(vectors)).toEqual([]);
  });

  it('T01 agrees with cassandra-driver on any bytes, at any offset of their buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), fc.nat(9), (bytes, offset) => {
        const view = new Uint8Array(offset + bytes.length).subarray(offset);
        view.set(bytes);
        return murmur3Token(view) === driverToken(bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  it('T01 keeps the minimum token for no bytes, and moves a key that hashes to it to the maximum', () => {
    expect(murmur3Token(new Uint8Array())).toBe(minToken);
    // A preimage of −2^63, found by running Murmur3 backwards from it.
    const preimage = Buffer.from('77dc83bf434370a5d96b0bc51a30fc62', 'hex');
    expect(driverToken(preimage)).toBe(minToken);
    expect(murmur3Token(preimage)).toBe(maxToken);
  });
});

describe('tokenOf', () => {
  it('hashes a text by its UTF-8 bytes', () => {
    expect(tokenOf('clé')).toBe(2939400319717671061n);
    expect(tokenOf('clé')).toBe(tokenOf(Buffer.from('clé')));
  });

  it.each([[''], [new Uint8Array()], [null], [undefined], [12], [{}], [[1, 2]]])('refuses %j as a key', (key) => {
    for (const hash of [tokenOf, (bad: string) => new KeyHasher().hash(bad)]) {
      expect(() => hash(key as string)).toThrow(RingError);
      expect(() => hash(key as string)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
    }
  });
});

describe('KeyHasher', () => {
  it('agrees with tokenOf on any sequence of texts and bytes, lone surrogates and long texts too', () => {
    const hasher = new KeyHasher();
    const texts = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }),
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom('\ud800', 'a\udfffb', 'é'.repeat(3_000), 'x'.repeat(70_000)),
    );
    fc.assert(
      fc.property(fc.oneof(texts, fc.uint8Array({ minLength: 1 })), (key) => {
        hasher.hash(key);
        expect(tokenOfHalves(hasher.token[0]!, hasher.token[1]!)).toBe(tokenOf(key));
      }),
      { numRuns: 200 },
    );
  });
});
