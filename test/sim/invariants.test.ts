import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../src/base/error.ts';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import { demandConvergence } from '../../src/sim/invariants/convergence.ts';
import type { Invariant } from '../../src/sim/invariants/invariant.ts';
import { InvariantWatch } from '../../src/sim/invariants/invariant-watch.ts';
import { NothingGoesBack } from '../../src/sim/invariants/nothing-goes-back.ts';
import { OneOpenOperation } from '../../src/sim/invariants/one-open-operation.ts';
import { OneOwnerPerToken } from '../../src/sim/invariants/one-owner-per-token.ts';
import { OneRecordPerEpoch } from '../../src/sim/invariants/one-record-per-epoch.ts';
import { RemovedStaysOut } from '../../src/sim/invariants/removed-stays-out.ts';
import { SoleWriter } from '../../src/sim/invariants/sole-writer.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';

interface Shown {
  readonly address?: string;
  readonly hostId?: string;
  readonly chainHash?: string;
  readonly epoch?: number;
  readonly records?: readonly object[];
  readonly members?: readonly object[];
  readonly removed?: readonly string[];
  readonly endpoint?: object | null | ((of: string) => object | null);
}

/** A node that shows just this. `same`: the node of an earlier call, in a later moment. */
function node(shown: Shown, same: object = {}): SimulatedNode {
  const { chainHash = 'a', epoch = 1, records = [], members = [], removed = [], endpoint = null } = shown;
  const state = {
    chainHash,
    epoch,
    members: new Map(members.map((member) => [(member as { hostId: string }).hostId, member])),
    removed: new Map(removed.map((hostId) => [hostId, 1])),
  };
  const reader = {
    hostId: shown.hostId ?? 'n1',
    register: { state, log: { snapshot: null, records } },
    endpointState: (of: string) => (typeof endpoint === 'function' ? endpoint(of) : endpoint),
  };
  return Object.assign(same, { address: shown.address ?? 'n1', life: 1, reader }) as unknown as SimulatedNode;
}

/** What a rule says to each of these moments, in turn. */
const verdicts = (invariant: Invariant, ...moments: SimulatedNode[]): (string | null)[] =>
  moments.map((moment) => invariant.look(moment));

const endpoint = (generation: number, version: number, value = 'v'): object => ({
  hostId: 'n1',
  generation,
  version,
  bulkVersion: 1,
  values: new Map([['x:k', versionedValue('x:k', value, 1)]]),
});

describe('every invariant is broken by what it is against, and by nothing less', () => {
  it('one record for one epoch of a lineage', () => {
    const record = { lineage: 'l', epoch: 1, kind: 'found' };
    const moments = ['a', 'a', 'b'].map((chainHash) => node({ chainHash, records: [record] }));
    expect(verdicts(new OneRecordPerEpoch(), ...moments)).toEqual([
      null,
      null,
      expect.stringContaining('epoch 1 is b'),
    ]);
  });

  it('one open operation', () => {
    const subjects = [{ hostId: 'h1' }, { hostId: 'h2' }];
    const begin = (operationId: string): object => ({ kind: 'begin', operationId, epoch: 2, subjects });
    const found = (hostId: string): object => ({ kind: 'found', subjects: [{ hostId }] });
    const joins = [
      { ...begin('o0'), operation: 'bootstrap' },
      { kind: 'end', operationId: 'o0', subjects: [] },
    ];
    const leave = { ...begin('o1'), operation: 'decommission', subjects: [{ hostId: 'h1' }] };
    const end = { kind: 'end', operationId: 'o1', subjects: [] };
    const remove = (hostId: string): object => ({ kind: 'remove', operationId: 'r', subjects: [{ hostId }] });
    const moments = [
      [begin('o1'), end, begin('o2')],
      [begin('o1'), remove('h1'), remove('h2'), begin('o2')],
      [found('h3'), ...joins, leave, remove('h2'), remove('h3'), begin('o2')],
      [begin('o1'), begin('o2')],
      [begin('o1'), remove('h1'), begin('o2')],
      [found('h3'), ...joins, leave, remove('h2'), begin('o2')],
    ].map((records) => node({ records }));
    const broken = expect.stringContaining('while o1 is open');
    expect(verdicts(new OneOpenOperation(), ...moments)).toEqual([null, null, null, broken, broken, broken]);
  });

  it('one owner for a token', () => {
    const members = [1n, 2n, 1n].map((token, index) => ({ hostId: `h${index}`, state: 'normal', tokens: [token] }));
    const moments = [members.slice(0, 2), members].map((some) => node({ members: some }));
    expect(verdicts(new OneOwnerPerToken(), ...moments)).toEqual([null, expect.stringContaining('of h0 and of h2')]);
  });

  it('nothing goes back', () => {
    const rule = new NothingGoesBack();
    const same = {};
    const seen = (generation: number, version: number): string | null =>
      rule.look(node({ endpoint: endpoint(generation, version) }, same));
    expect([seen(1, 5), seen(1, 6), seen(2, 1)]).toEqual([null, null, null]);
    expect(seen(1, 9)).toContain('from generation 2');
    // What was forgotten is met anew.
    expect(rule.look(node({ endpoint: null }, same))).toBeNull();
    expect(seen(1, 2)).toBeNull();
    expect(seen(1, 1)).toContain('from generation 1, version 2');
    expect(rule.look(node({ epoch: 0 }, same))).toContain('from epoch 1 to 0');
  });

  it('a sole writer', () => {
    const moments = [endpoint(1, 5, 'v'), endpoint(1, 9, 'v'), endpoint(2, 5, 'w'), endpoint(1, 5, 'w')];
    const said = verdicts(new SoleWriter(), ...moments.map((each) => node({ endpoint: each })));
    expect(said).toEqual([null, null, null, expect.stringContaining('"w" here and "v" elsewhere')]);
  });

  it('a sole writer, who has said whatever is read of it', () => {
    const rule = new SoleWriter();
    const said = node({ hostId: 'n1', endpoint: endpoint(1, 5) });
    const holder = (hostId: string, held: object): SimulatedNode =>
      node({ hostId, endpoint: (of: string) => (of === 'n1' ? held : null) });
    expect(verdicts(rule, said, holder('n2', endpoint(1, 5)))).toEqual([null, null]);
    const invented = { ...(endpoint(1, 5) as object), values: new Map([['x:k', versionedValue('x:k', 'v', 2)]]) };
    expect(rule.look(holder('n3', invented))).toContain('x:k is "v" here, and the host never said so');
  });

  it('a removed node stays out', () => {
    const moments = [
      node({ removed: ['h9'] }),
      node({ removed: ['h9'], endpoint: endpoint(7, 1) }),
      node({ removed: ['n1'] }),
    ];
    const said = verdicts(new RemovedStaysOut(), ...moments);
    expect(said).toEqual([
      null,
      expect.stringContaining('is gossiped at 7'),
      expect.stringContaining('and takes part'),
    ]);
  });

  it('nothing goes back among hundreds of hosts either, though one look compares but a few of them', () => {
    const rule = new NothingGoesBack();
    const sames = Array.from({ length: 300 }, () => ({}));
    const round = (version: number): (string | null)[] =>
      sames.map((same, at) => rule.look(node({ hostId: `h${at}`, endpoint: endpoint(1, version) }, same)));
    for (let looks = 0; looks < 20; looks++) expect(round(2)).toEqual(sames.map(() => null));
    expect(round(1).filter((said) => said !== null).length).toBeGreaterThan(30);
  });

  it('the watch throws out of the step that breaks a rule, and names the seed', () => {
    const world = new World(99);
    new InvariantWatch(world, [{ rule: 'nobody is ready', look: (each) => (each.ready ? 'one is' : null) }]);
    expect(() => world.cluster(1)).toThrow(InvariantViolation);
    expect(() => world.run(1_000)).toThrow(/seed 99 at \d+ ms, .*: nobody is ready, but one is/);
  });

  it('convergence names who differs, until nobody does', () => {
    const world = new World(98);
    const [a, b] = world.cluster(2);
    world.run(10_000);
    demandConvergence(world);
    b!.command({ kind: 'setStates', entries: [['x:k', 'new']] });
    expect(() => demandConvergence(world)).toThrow(`x:k of ${b!.address} is new, for ${a!.address} null`);
    world.run(10_000);
    demandConvergence(world);
    b!.crash();
    expect(() => demandConvergence(world)).toThrow('is alive at');
  });
});
