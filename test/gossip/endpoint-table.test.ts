import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import type { EndpointState } from '../../src/gossip/endpoint-state.ts';
import { EndpointTable } from '../../src/gossip/endpoint-table.ts';
import { hostOf } from './gossip-fixtures.ts';

const stateOf = (index: number, version: number): EndpointState => ({
  hostId: hostOf(index),
  generation: 1 + version,
  version,
  bulkVersion: version * 2,
  values: new Map(),
  floor: 0,
  bulkFloor: 0,
});

describe('the endpoint table', () => {
  it('agrees with a map, whatever is set and deleted, in any number of tables on one directory', () => {
    const step = fc.tuple(fc.nat(1), fc.nat(40), fc.option(fc.nat(1_000)));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const directory = new EndpointDirectory();
        const tables = [new EndpointTable(directory), new EndpointTable(directory)];
        const twins = [new Map<string, EndpointState>(), new Map<string, EndpointState>()];
        for (const [which, index, version] of steps) {
          if (version === null) {
            tables[which]!.delete(hostOf(index));
            twins[which]!.delete(hostOf(index));
          } else {
            tables[which]!.set(stateOf(index, version));
            twins[which]!.set(hostOf(index), tables[which]!.get(hostOf(index))!);
          }
        }
        for (const [at, table] of tables.entries()) {
          const twin = twins[at]!;
          expect([...table.hosts()].sort()).toEqual([...twin.keys()].sort());
          expect(table.size).toBe(twin.size);
          for (let index = 0; index <= 40; index++) {
            const state = twin.get(hostOf(index)) ?? null;
            expect(table.get(hostOf(index))).toBe(state);
            const { generation, version, bulkVersion } = state ?? { generation: 0, version: 0, bulkVersion: 0 };
            expect(table.digestOf(hostOf(index))).toEqual({ hostId: hostOf(index), generation, version, bulkVersion });
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
