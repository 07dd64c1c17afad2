import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Random, SeededRandom } from '../../src/base/random.ts';
import type { ReplicationOptions } from '../../src/ring/replication-strategy.ts';
import { RingChange, type RingChangeSource } from '../../src/ring/ring-change.ts';
import type { RingMember } from '../../src/ring/ring-member.ts';
import { randomTokens } from '../../src/token/random-tokens.ts';

/** A member with a short name as host id. */
export function member(hostId: string, tokens: readonly bigint[], rack = 'rack1', datacenter = 'dc1'): RingMember {
  return { hostId, datacenter, rack, tokens };
}

/** `count` members of `vnodes` random tokens each; `place` says where the index-th one stands. */
export function randomRing(
  count: number,
  vnodes: number,
  random: Random,
  place: (index: number) => { datacenter: string; rack: string },
): RingMember[] {
  const taken = new Set<bigint>();
  return Array.from({ length: count }, (_, index) => {
    const tokens = randomTokens(vnodes, random, (token) => taken.has(token));
    for (const token of tokens) taken.add(token);
    return { hostId: `host-${String(index).padStart(4, '0')}`, ...place(index), tokens };
  });
}

/** Eight nodes of 16 tokens in eight racks of one datacenter: the ring of the real-input test and of the bench. */
export function eightRacks(): RingMember[] {
  return randomRing(8, 16, new SeededRandom(8), (index) => ({ datacenter: 'dc1', rack: `rack${index}` }));
}

/** Some 500 real names, every 400th of the large file. */
export function carriedKeys(): string[] {
  return keysOf(resolve(import.meta.dirname, '../data/keys.txt'));
}

export function keysOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((key) => key !== '');
}

export const hostIds = (members: readonly RingMember[]): string[] => members.map(({ hostId }) => hostId);

/** The change between two rings of the datacenter dc1, for one keyspace. */
export function changeBetween(
  natural: readonly RingMember[],
  future: readonly RingMember[],
  replication: ReplicationOptions,
  rest: Partial<RingChangeSource> = {},
): RingChange {
  const keyspaces = new Map([['users', replication]]);
  return new RingChange({ natural, future, keyspaces, alter: null, knownDatacenters: ['dc1'], ...rest });
}

/** SimpleStrategy with so many replicas. */
export const simpleStrategy = (factor: number) => ({
  class: 'SimpleStrategy',
  replication_factor: String(factor),
});
