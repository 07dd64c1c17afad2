import { describe, expect, it } from 'vitest';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import type { EndpointState } from '../../src/gossip/endpoint-state.ts';
import { exchange, gossiperOf, hostOf, started } from './gossip-fixtures.ts';

describe('the endpoint directory', () => {
  it('makes equal states one object in all tables, whatever way they came by', () => {
    const directory = new EndpointDirectory();
    const [a, b, c] = [1, 2, 3].map((index) => started(index, 5, { directory }));
    exchange([hostOf(1), a!], [hostOf(2), b!]);
    exchange([hostOf(1), a!], [hostOf(3), c!]);
    a!.setStates([['x:colour', 'blue']]);
    exchange([hostOf(1), a!], [hostOf(2), b!]);
    exchange([hostOf(2), b!], [hostOf(3), c!]);
    expect(b!.stateOf(hostOf(1))).toBe(c!.stateOf(hostOf(1)));
    expect(b!.stateOf(hostOf(1))?.values.get('x:colour')?.value).toBe('blue');
    expect(c!.wholeState(hostOf(1))).toBe(b!.wholeState(hostOf(1)));
  });

  it('never takes two states for the same that differ in a value, a version, a tombstone or a floor', () => {
    const directory = new EndpointDirectory();
    const value = { value: 'v', version: 2, encodedBytes: 20 };
    const state: EndpointState = {
      hostId: hostOf(1),
      generation: 1,
      version: 2,
      bulkVersion: 0,
      values: new Map([['x:a', value]]),
      floor: 0,
      bulkFloor: 0,
    };
    expect(directory.intern(state)).toBe(state);
    expect(directory.intern({ ...state, values: new Map([['x:a', { ...value }]]) })).toBe(state);
    const others: EndpointState[] = [
      { ...state, generation: 2 },
      { ...state, bulkVersion: 1 },
      { ...state, floor: 1 },
      { ...state, values: new Map() },
      { ...state, values: new Map([['x:a', { ...value, version: 1 }]]) },
      { ...state, values: new Map([['x:a', { ...value, value: null }]]) },
      { ...state, values: new Map([['x:b', value]]) },
    ];
    for (const other of others) expect(directory.intern(other)).toBe(other);
  });

  it('names who is at an address, once each, and not for long who has left it', () => {
    const gossiper = gossiperOf(1);
    let generation = 0;
    const says = (index: number, place: number): void => {
      const moved = gossiperOf(index);
      moved.start(++generation, [['ADDRESS', `10.0.0.${place}:7600`]]);
      gossiper.preload(moved.wholeState(hostOf(index)));
    };
    const at = (place: number): readonly string[] => gossiper.hostsAt(`10.0.0.${place}:7600`);
    says(2, 1);
    says(3, 1);
    says(2, 2);
    says(2, 1);
    expect([at(1), at(2), at(3)]).toEqual([[hostOf(2), hostOf(3)], [hostOf(2)], []]);
    for (const place of [4, 5, 6, 7]) says(2, place);
    expect([at(1), at(2), at(7)]).toEqual([[hostOf(3)], [], [hostOf(2)]]);
  });

  it('keeps nothing of a host that was forgotten: neither what it said nor where it was', () => {
    const directory = new EndpointDirectory();
    const gossiper = started(1, 5, { directory });
    const gone = gossiperOf(2);
    gone.start(7, [['ADDRESS', '10.0.0.2:7600']]);
    gossiper.preload(gone.wholeState(hostOf(2)));
    const held = gossiper.stateOf(hostOf(2))!;
    const equal = { ...held };
    expect(directory.intern(equal)).toBe(held);
    expect(gossiper.hostsAt('10.0.0.2:7600')).toEqual([hostOf(2)]);
    gossiper.forget(hostOf(2));
    expect(gossiper.hostsAt('10.0.0.2:7600')).toEqual([]);
    expect(directory.intern(equal)).toBe(equal);
  });

  it('gives the 128 bits of a host id as four words', () => {
    const words = new Uint32Array(5);
    const directory = new EndpointDirectory();
    directory.copyWords(directory.slotOf('01234567-89ab-4def-8123-456789abcdef'), words, 1);
    expect([...words]).toEqual([0, 0x01234567, 0x89ab4def, 0x81234567, 0x89abcdef]);
  });

  it('picks only whom one wants, everybody in time, and nobody where there is none', () => {
    const gossiper = gossiperOf(1);
    expect(gossiper.pick(() => true)).toBeNull();
    for (let index = 2; index < 42; index++) gossiper.preload(started(index, 5).wholeState(hostOf(index)));
    const isWanted = (hostId: string): boolean => Number.parseInt(hostId.slice(-4), 16) % 10 === 3;
    const picked = new Set(Array.from({ length: 200 }, () => gossiper.pick(isWanted)));
    expect([...picked].sort()).toEqual([3, 13, 23, 33].map(hostOf));
  });
});
