import { describe, expect, it } from 'vitest';
import { versionedValue } from '../../src/gossip/versioned-value.ts';
import { exchange, give, gossiperOf, hostOf, now, nowSeconds, said, started } from './gossip-fixtures.ts';

const [a, b, c] = [hostOf(1), hostOf(2), hostOf(3)];
const generation = nowSeconds - 100;

/** The whole state of a started peer of this generation, after some beats. */
function wholeOf(index: number, peerGeneration: number, beats = 0) {
  const peer = started(index, peerGeneration);
  for (let beat = 0; beat < beats; beat++) peer.beat();
  return peer.wholeState(hostOf(index));
}

describe('an exchange', () => {
  it('G01: one SYN leaves both with the newest of both, and what it did not list is volunteered', () => {
    const [x, y, y2, z] = [hostOf(10), hostOf(11), hostOf(11), hostOf(12)];
    const nodeA = started(1, generation);
    const nodeB = started(2, generation);
    nodeA.preload([...wholeOf(10, generation, 3), ...wholeOf(11, generation, 1)]);
    nodeB.preload([...wholeOf(11, generation, 9), ...wholeOf(12, generation)]);

    const steps = exchange([a, nodeA], [b, nodeB]);
    expect(steps.map(({ message }) => message.kind)).toEqual(['syn', 'ack', 'ack2']);
    for (const host of [a, b, x, y, y2, z]) expect(said(nodeA.stateOf(host))).toEqual(said(nodeB.stateOf(host)));
    expect(nodeA.stateOf(y)!.version).toBe(10);
    expect([...nodeA.hosts()].sort()).toEqual([a, b, x, y, z].sort());

    const equal = exchange([a, nodeA], [b, nodeB]);
    expect(equal.map(({ message }) => message.kind)).toEqual(['syn', 'ack']);
    expect(equal[1]!.message).toEqual({ kind: 'ack', requests: [], deltas: [] });
    expect(equal.flatMap(({ outcome }) => outcome.changes)).toEqual([]);
  });

  it.each([
    ['push', [['syn'], ['ack', 'requests'], ['ack2', 'deltas']], a, b],
    ['pull', [['syn'], ['ack', 'deltas']], b, a],
  ] as const)('of style %s moves states one way only', (style, shape, source, target) => {
    const nodes = new Map([
      [a, started(1, generation, { style })],
      [b, started(2, generation, { style })],
    ]);
    for (const [, node] of nodes) node.preload(wholeOf(10, generation));
    const steps = exchange([a, nodes.get(a)!], [b, nodes.get(b)!]);
    expect(
      steps.map(({ message }) => [
        message.kind,
        ...(message.kind === 'ack' && message.requests.length > 0 ? ['requests'] : []),
        ...('deltas' in message && message.deltas.length > 0 ? ['deltas'] : []),
      ]),
    ).toEqual(shape);
    expect(nodes.get(target)!.stateOf(source)).not.toBeNull();
    expect(nodes.get(source)!.stateOf(target)).toBeNull();
  });

  it('G04: a delta that repeats known values moves the heartbeat and tells of nothing else', () => {
    const nodeA = started(1, generation);
    const peer = started(2, generation);
    give(nodeA, b, peer.wholeState(b));
    peer.beat();
    const again = give(nodeA, b, peer.wholeState(b));
    expect(again.changes).toMatchObject([{ hostId: b, kind: 'heartbeat', keys: [] }]);
    expect(nodeA.stateOf(b)!.version).toBe(2);
    expect(give(nodeA, b, peer.wholeState(b)).changes).toEqual([]);
  });

  it('G05: states of one message are one change, STATUS first, and all are there when it is told', () => {
    const nodeA = started(1, generation);
    const outcome = give(nodeA, b, [...wholeOf(2, generation)].reverse());
    expect(outcome.changes).toHaveLength(1);
    expect(outcome.changes[0]).toMatchObject({ kind: 'new', previous: null });
    expect(outcome.changes[0]!.keys).toEqual(['STATUS', 'TOKENS', 'DC', 'SCHEMA']);
    expect([...nodeA.stateOf(b)!.values.keys()].sort()).toEqual(['DC', 'SCHEMA', 'STATUS', 'TOKENS']);
  });

  it('G16: a key that nobody here knows is relayed unchanged, on the counter that its name tells', () => {
    const newer = started(1, generation);
    newer.setStates([
      ['FUTURE', 'from tomorrow'],
      ['BULK_FUTURE', 'much of it'],
    ]);
    const [old, third] = [started(2, generation), started(3, generation)];
    exchange([a, newer], [b, old]);
    exchange([b, old], [c, third]);
    for (const key of ['FUTURE', 'BULK_FUTURE']) {
      expect(third.stateOf(a)!.values.get(key)).toEqual(newer.self.values.get(key));
    }
  });

  it('carries a deletion, also past what tombstones remember', () => {
    const nodeA = started(1, generation);
    const nodeB = started(2, generation);
    nodeA.setStates([['x:kept', 'yes']]);
    nodeA.setStates([['x:gone', 'soon']]);
    exchange([a, nodeA], [b, nodeB]);
    nodeA.setStates([['x:gone', null]]);
    for (let key = 0; key < 300; key++) {
      nodeA.setStates([[`x:${key}`, '']]);
      nodeA.setStates([[`x:${key}`, null]]);
    }
    expect(nodeA.self.floor).toBeGreaterThan(nodeB.stateOf(a)!.version);
    const steps = exchange([b, nodeB], [a, nodeA]);
    expect(steps[1]!.message).toMatchObject({ deltas: expect.arrayContaining([expect.objectContaining({ from: 0 })]) });
    expect(nodeB.stateOf(a)!.values.has('x:gone')).toBe(false);
    expect(nodeB.stateOf(a)!.values.get('x:kept')!.value).toBe('yes');
    expect(steps[1]!.outcome.changes[0]!.keys).toEqual(['x:gone']);
    expect(said(nodeB.stateOf(a))).toEqual(said(nodeA.self));
  });
});

describe('the guards', () => {
  it('G02: lower generations and known versions are ignored; a higher generation replaces everything', () => {
    const nodeA = started(1, generation);
    const old = started(2, generation);
    old.setStates([['x:old', '1']]);
    for (let beat = 0; beat < 48; beat++) old.beat();
    give(nodeA, b, old.wholeState(b));
    const before = nodeA.stateOf(b);
    expect(before!.version).toBe(50);

    expect(give(nodeA, b, wholeOf(2, generation - 1, 900)).changes).toEqual([]);
    expect(give(nodeA, b, old.wholeState(b)).changes).toEqual([]);
    expect(nodeA.stateOf(b)).toBe(before);

    const { changes } = give(nodeA, b, wholeOf(2, generation + 1));
    expect(changes).toMatchObject([{ hostId: b, kind: 'restarted', previous: before }]);
    expect(changes[0]!.keys[0]).toBe('STATUS');
    expect(changes[0]!.keys).toContain('x:old');
    expect(nodeA.stateOf(b)!.values.has('x:old')).toBe(false);
    expect(nodeA.stateOf(b)).toMatchObject({ generation: generation + 1, version: 1, bulkVersion: 1 });
  });

  it('G03: a generation more than a day ahead of the local clock is refused, of unknown hosts too', () => {
    const nodeA = started(1, generation);
    const year = 365 * 86_400;
    give(nodeA, b, wholeOf(2, 1));
    expect(give(nodeA, b, wholeOf(2, 1 + year)).changes).toHaveLength(1);
    for (const [index, host] of [
      [2, b],
      [3, c],
    ] as const) {
      const outcome = give(nodeA, host, wholeOf(index, nowSeconds + 10 * year));
      expect(outcome.changes).toEqual([]);
      expect(outcome.refused).toContainEqual({
        hostId: host,
        reason: 'generation',
        generation: nowSeconds + 10 * year,
      });
    }
    expect(nodeA.stateOf(b)!.generation).toBe(1 + year);
    expect(nodeA.stateOf(c)).toBeNull();

    const far = started(3, nowSeconds + 10 * year);
    const reply = nodeA.receive(now, c, far.syn());
    expect(reply.reply).toMatchObject({ kind: 'ack', requests: [] });
    expect(reply.refused).toHaveLength(1);
    expect(nodeA.preload(wholeOf(3, nowSeconds + 86_401), now)).toEqual([]);
    expect(nodeA.preload(wholeOf(3, nowSeconds + 86_400), now)).toHaveLength(1);
  });

  it('G17: a partial delta of another or an unknown generation is never kept; the whole state follows', () => {
    const peer = started(2, generation);
    const [nodeA, nodeC] = [started(1, generation), started(3, generation)];
    give(nodeA, b, peer.wholeState(b));
    // C restarts its view of B meanwhile: it holds a higher generation when A asks for what follows.
    const restarted = started(2, generation + 1);
    give(nodeC, b, restarted.wholeState(b));
    const asked = nodeC.receive(now, a, {
      kind: 'ack',
      requests: [{ hostId: b, generation, version: 500, bulkVersion: 500 }],
      deltas: [],
    });
    nodeA.receive(now, c, asked.reply!);
    expect(said(nodeA.stateOf(b))).toEqual(said(restarted.self));

    // A evicted B in between: a delta from 1 on has nothing to join on to.
    restarted.setStates([['x:new', '1']]);
    nodeA.forget(b);
    const partial = restarted.receive(now, a, {
      kind: 'ack',
      requests: [{ hostId: b, generation: generation + 1, version: 1, bulkVersion: 1 }],
      deltas: [],
    }).reply!;
    const outcome = nodeA.receive(now, b, partial);
    expect(nodeA.stateOf(b)).toBeNull();
    expect(outcome.reply).toEqual({
      kind: 'ack',
      requests: [{ hostId: b, generation: 0, version: 0, bulkVersion: 0 }],
      deltas: [],
    });
    nodeA.receive(now, b, restarted.receive(now, a, outcome.reply!).reply!);
    expect(said(nodeA.stateOf(b))).toEqual(said(restarted.self));
  });

  it('a bulk delta of an unknown generation is not taken', () => {
    const nodeA = started(1, generation);
    const outcome = give(nodeA, b, [wholeOf(2, generation)[1]!]);
    expect(outcome.changes).toEqual([]);
    expect(outcome.reply).toMatchObject({ kind: 'ack', requests: [{ hostId: b, generation: 0 }] });
  });

  it('G11: a barred host is neither taken nor asked for', () => {
    const nodeA = started(1, generation, { isBarred: (host) => host === b });
    const refused = { hostId: b, reason: 'barred', generation };
    expect(give(nodeA, c, wholeOf(2, generation)).refused).toEqual([refused, refused]);
    expect(nodeA.receive(now, b, started(2, generation).syn()).reply).toMatchObject({ requests: [] });
    expect(nodeA.stateOf(b)).toBeNull();
  });

  it('an ill-formed delta is refused alone and drops no other', () => {
    const nodeA = started(1, generation);
    const [good] = wholeOf(2, generation);
    const value = versionedValue('STATUS', 'NORMAL,1', 1);
    const bad = [
      { ...good!, hostId: 'nobody' },
      { ...good!, generation: 0 },
      { ...good!, to: -1 },
      { ...good!, to: 2 ** 32 },
      { ...good!, from: 1, to: 1 },
      { ...good!, entries: [['STATUS', { ...value, version: 9 }]] as const },
      { ...good!, entries: [['LOAD', value]] as const },
    ];
    const outcome = give(nodeA, b, [...bad, good!]);
    expect(outcome.refused.map(({ reason }) => reason)).toEqual(bad.map(() => 'malformed'));
    expect(outcome.changes).toHaveLength(1);
  });
});

describe('gossip about this node', () => {
  it('is never applied: a whole claim above what it said is told, with nonce and address', () => {
    const nodeA = started(1, generation);
    const copy = gossiperOf(1);
    copy.start(generation + 5, [
      ['BOOT_NONCE', 'feed'],
      ['ADDRESS', '10.0.0.9:7600'],
    ]);
    const outcome = give(nodeA, b, copy.wholeState(a));
    expect(outcome.selfClaims).toEqual([
      { from: b, generation: generation + 5, version: 1, bootNonce: 'feed', address: '10.0.0.9:7600' },
    ]);
    expect(outcome.changes).toEqual([]);
    expect(nodeA.self.generation).toBe(generation);
    expect(nodeA.stateOf(a)).toBe(nodeA.self);
  });

  it.each(['push', 'pull', 'pushPull'] as const)('a %s SYN that claims more is asked for all of it', (style) => {
    const nodeA = started(1, generation);
    const nodeB = started(2, generation, { style });
    const copy = started(1, generation);
    for (let beat = 0; beat < 9; beat++) copy.beat();
    nodeB.preload(copy.wholeState(a));
    const claims = exchange([b, nodeB], [a, nodeA]).flatMap(({ outcome }) => outcome.selfClaims);
    expect(claims).toMatchObject([{ from: b, generation, version: 10 }]);
    expect(nodeA.self.version).toBe(1);
  });

  it('what others hold of it from before its restart is answered, and a raised generation keeps the values', () => {
    const nodeA = started(1, generation);
    nodeA.setStates([
      ['x:mine', '1'],
      ['x:dropped', '1'],
    ]);
    nodeA.setStates([['x:dropped', null]]);
    const nodeB = started(2, generation);
    exchange([a, nodeA], [b, nodeB]);
    nodeA.raiseGeneration(generation + 7);
    const steps = exchange([b, nodeB], [a, nodeA]);
    expect(steps.flatMap(({ outcome }) => outcome.selfClaims)).toEqual([]);
    expect(said(nodeB.stateOf(a))).toEqual(said(nodeA.self));
    expect(nodeB.stateOf(a)).toMatchObject({ generation: generation + 7, version: 1 });
    expect(nodeB.stateOf(a)!.values.get('x:mine')!.value).toBe('1');
  });

  it('Q05: its first SYN leaves only after a first step with TOKENS and STATUS', () => {
    const node = gossiperOf(1);
    expect(node.syn().digests).toEqual([]);
    expect(node.setStates([['STATUS', 'NORMAL,1']])).toBe(0);
    node.start(generation, [
      ['TOKENS', '1,x'],
      ['STATUS', 'NORMAL,1'],
    ]);
    const [whole] = node.wholeState(a);
    expect(whole!.entries.map(([key, { version }]) => [key, version])).toEqual([
      ['TOKENS', 1],
      ['STATUS', 1],
    ]);
  });
});
