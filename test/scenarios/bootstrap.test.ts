import { describe, expect, it } from 'vitest';
import { World } from '../../src/sim/world.ts';
import { recordsIn } from '../sim/single-messages.ts';

const a0 = '10.0.0.0:7600';
const a1 = '10.0.0.1:7600';

describe('bootstrap scenarios', () => {
  it('two nodes that start at once with each other as literal seeds end in one cluster', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World(seed, { lossRatio: 0.05 });
      const nodes = [world.addNode([a0, a1]), world.addNode([a0, a1])];
      for (const node of nodes) node.start();
      expect(
        world.runUntil(() => nodes.every((node) => node.ready), 30_000),
        `seed ${seed}`,
      ).toBe(true);
      expect(nodes[0]!.clusterId).toBe(nodes[1]!.clusterId);
    }
  });

  it('twenty nodes that start at once end in one ring within 30 s, each told whom it waits for', () => {
    const world = new World(20);
    const nodes = Array.from({ length: 20 }, () => world.addNode([a0, a1]));
    for (const node of nodes) node.start();
    expect(world.runUntil(() => nodes.every((node) => node.ready), 30_000)).toBe(true);
    world.run(5_000);
    expect(new Set(nodes.map((node) => node.reader.ring()?.fingerprint)).size).toBe(1);
    expect(nodes[0]!.reader.ring()?.natural).toHaveLength(20);
    const told = nodes.filter((node) => node.events.some((event) => event.kind === 'log' && event.event === 'joining'));
    expect(told.length).toBe(19);
  });

  it('while a literal seed is silent nobody founds; --found on one of them decides', () => {
    const world = new World(3);
    const waiting = world.addNode([a0, a1]);
    waiting.start();
    world.run(120_000);
    expect(waiting.ready).toBe(false);
    const founder = world.addNode([a0, a1], { found: true });
    waiting.crash();
    waiting.start();
    founder.start();
    expect(world.runUntil(() => waiting.ready && founder.ready, 30_000)).toBe(true);
  });

  it('a node that no seed lists never founds', () => {
    const world = new World(4);
    const seeds = [world.addNode([a0, a1]), world.addNode([a0, a1])];
    const outsiders = Array.from({ length: 6 }, () => world.addNode([a0, a1]));
    for (const node of [...outsiders, ...seeds]) node.start();
    expect(world.runUntil(() => [...seeds, ...outsiders].every((node) => node.ready), 30_000)).toBe(true);
    const founders = [...seeds, ...outsiders].filter((node) =>
      node.events.some((event) => event.kind === 'log' && event.event === 'founded'),
    );
    expect(founders).toHaveLength(1);
    expect(seeds).toContain(founders[0]);
  });

  it.each(['crash', 'stop'] as const)(
    'B05 same address wiped after a %s: refused with advice, overridden by joinAsNew',
    (ends) => {
      const world = new World(5);
      const [a, b] = world.cluster(2);
      b![ends]();
      b!.replaceDisk(null);
      b!.start();
      world.run(5_000);
      expect(b!.fatal?.code).toBe('ADDRESS_TAKEN');
      expect(b!.fatal?.hint).toContain('--join-as-new');
      expect(b!.fatal?.hint).toContain('--replace');
      expect(a!.reader.ring()?.natural).toHaveLength(2);
      // The same machine, told to join as another node: the dead one stays in the ring until somebody removes it.
      const again = world.addNode([a!.address], { joinAsNew: true }, b!.address);
      again.start();
      // One of two owners is dead, so no record can be decided; what is overridden is the refusal.
      world.run(5_000);
      expect(again.fatal).toBeNull();
      expect(again.reader.waitingFor.join()).not.toBe('');
    },
  );

  it('B05 same address wiped, joinAsNew: with a majority of owners alive the other node joins beside the dead one', () => {
    const world = new World(55);
    const [a, , c] = world.cluster(3);
    c!.crash();
    const again = world.addNode([a!.address], { joinAsNew: true }, c!.address);
    again.start();
    expect(world.runUntil(() => again.ready, 60_000)).toBe(true);
    expect(a!.reader.ring()?.natural).toHaveLength(4);
  });

  it('B05 same address wiped: a member that moved away never blocks, and an aborted joiner does not either', () => {
    const world = new World(56);
    const [a, , c] = world.cluster(3);
    const vacated = c!.address;
    c!.stop();
    world.move(c!, '10.0.9.9:7600');
    c!.start();
    expect(
      world.runUntil(() => a!.reader.endpointState(c!.hostId)?.values.get('ADDRESS')?.value === c!.address, 20_000),
    ).toBe(true);
    const next = world.addNode([a!.address], {}, vacated);
    next.start();
    expect(world.runUntil(() => next.ready, 20_000)).toBe(true);
    const doomed = world.addNode([a!.address]);
    let begun = false;
    world.tap((_from, _to, _channel, message) => {
      if (recordsIn(message).some((record) => record.kind === 'begin')) begun = true;
      return true;
    });
    doomed.start();
    while (!begun) world.run(1);
    doomed.crash();
    doomed.replaceDisk(null);
    doomed.start();
    expect(world.runUntil(() => doomed.ready, 90_000)).toBe(true);
  });

  it.each([
    { first: [0, 2], later: [1, 3] },
    { first: [0], later: [1, 3, 2] },
    { first: [1, 3], later: [2, 0] },
  ])(
    'B09 two datacenters in parallel: all stopped, $first started at once, then $later: all start',
    ({ first, later }) => {
      const world = new World(9);
      const seeds = [a0, '10.0.0.2:7600'];
      const nodes = [0, 1, 2, 3].map((index) => world.addNode(seeds, { datacenter: index < 2 ? 'dc1' : 'dc2' }));
      for (const node of nodes) node.start();
      expect(world.runUntil(() => nodes.every((node) => node.ready), 60_000)).toBe(true);
      world.run(3_000);
      for (const node of nodes) node.crash();
      for (const index of first) nodes[index]!.start();
      world.run(3_000);
      for (const index of later) nodes[index]!.start();
      const allUp = (): boolean =>
        nodes.every(
          (node) =>
            node.reader.members().length === 4 && node.reader.members().every((member) => member.liveness === 'alive'),
        );
      expect(world.runUntil(allUp, 60_000)).toBe(true);
    },
  );

  it('B10 bad shadow answers: a cut answer keeps the starter waiting, and a late one after gossip began changes nothing', () => {
    const world = new World(10);
    const [a] = world.cluster(1);
    const held: (() => void)[] = [];
    let cutAnswers = true;
    const joiner = world.addNode([a!.address]);
    world.tap((from, _to, channel, message) => {
      if (message.kind !== 'shadowAck' || !cutAnswers) return true;
      const source = { hostId: from.hostId, bootNonce: from.bootNonce, replyTo: from.address };
      held.push(() => joiner.step({ kind: 'message', from: source, channel, message }));
      // What arrives claims to be the first of two parts; the second never comes.
      joiner.step({ kind: 'message', from: source, channel, message: { ...message, parts: 2 } });
      return false;
    });
    joiner.start();
    world.run(5_000);
    expect(joiner.ready).toBe(false);
    expect(joiner.fatal).toBeNull();
    cutAnswers = false;
    expect(world.runUntil(() => joiner.ready, 20_000)).toBe(true);
    const before = joiner.reader.ring()?.fingerprint;
    let answeredLate = 0;
    world.tap((from) => {
      if (from === joiner) answeredLate++;
      return true;
    });
    for (const replay of held) replay();
    expect(answeredLate).toBe(0);
    expect(joiner.reader.ring()?.fingerprint).toBe(before);
  });

  it('B10 bad shadow answers: one that lists this address as that of a removed member is accepted', () => {
    const world = new World(57);
    const [a, b, c] = world.cluster(3);
    const gone = c!.hostId;
    c!.crash();
    const isDead = (): boolean => a!.reader.members().find(({ hostId }) => hostId === gone)?.liveness === 'dead';
    expect(world.runUntil(isDead, 60_000)).toBe(true);
    a!.command({ kind: 'forceRemove', hostId: gone, force: false });
    const removed = (): boolean => [a!, b!].every((node) => node.reader.register.state!.removed.has(gone));
    expect(world.runUntil(removed, 20_000)).toBe(true);
    c!.replaceDisk(null);
    c!.start();
    expect(world.runUntil(() => c!.ready, 30_000)).toBe(true);
    expect(c!.hostId).not.toBe(gone);
  });

  it.each([
    { at: 'begin', ends: 'abort', members: 3, refusal: 'NO_MAJORITY' },
    { at: 'switch', ends: 'end', members: 4, refusal: 'REFUSED' },
  ])(
    'an open bootstrap whose joiner dies at $at is ended by $ends, and the next one joins',
    ({ at, ends, members, refusal }) => {
      const world = new World(6);
      const [a, b] = world.cluster(2);
      const doomed = world.addNode([a!.address]);
      doomed.start();
      const doomedId = doomed.hostId;
      let operationId: string | undefined;
      let reached = false;
      // The moment the step is decided, its joiner dies and the two voters lose each other.
      world.tap((_from, _to, _channel, message) => {
        if (reached) return true;
        for (const record of recordsIn(message)) {
          if (record.kind === 'begin' && record.subjects[0]?.hostId === doomedId) operationId = record.operationId;
          if (record.operationId === operationId && record.kind === at) reached = true;
        }
        if (reached) world.network.partition([[a!.address], [b!.address], [doomed.address]]);
        return true;
      });
      while (!reached) world.run(1);
      doomed.crash();
      world.run(60_000);
      const steps = [a!, b!].map((node) => node.reader.register.state?.operation?.step);
      expect(steps).toContain(at);
      // Who asks for an abort that no majority can decide is told so, and whom it takes; after `switch` there is none.
      const asked = [a!, b!].find((node) => node.reader.register.state?.operation?.step === at)!;
      const command = asked.command({ kind: 'abortOperation', operationId: operationId! });
      expect(world.runUntil(() => asked.resultOf(command) !== null, 30_000)).toBe(true);
      expect(asked.resultOf(command)).toMatchObject({ error: { code: refusal } });
      world.network.heal();
      const next = world.addNode([a!.address]);
      next.start();
      expect(world.runUntil(() => next.ready, 120_000)).toBe(true);
      const { log, state } = a!.reader.register;
      expect(log.records.filter((record) => record.operationId === operationId).at(-1)?.kind).toBe(ends);
      expect(state!.members.size).toBe(members);
    },
  );

  it('a joiner whose begin was aborted while it was cut off asks again and joins', () => {
    const world = new World(16);
    const [a, b] = world.cluster(2);
    const joiner = world.addNode([a!.address]);
    let begun = false;
    world.tap((_from, _to, _channel, message) => {
      if (begun || !recordsIn(message).some((record) => record.kind === 'begin')) return true;
      begun = true;
      world.network.partition([[a!.address], [b!.address], [joiner.address]]);
      return true;
    });
    joiner.start();
    const joinerId = joiner.hostId;
    world.run(60_000);
    world.network.partition([[a!.address, b!.address], [joiner.address]]);
    const aborted = (): boolean => a!.reader.register.log.records.at(-1)?.kind === 'abort';
    expect(world.runUntil(aborted, 120_000)).toBe(true);
    expect(joiner.ready).toBe(false);
    world.network.heal();
    expect(world.runUntil(() => joiner.ready, 60_000)).toBe(true);
    expect(joiner.hostId).toBe(joinerId);
  });

  it('one name that leads to several nodes founds nothing; --found on one of them decides', () => {
    const world = new World(21);
    const seeds = [{ name: 'ring.example:7600', literal: false, addresses: [a0, a1] }];
    const nodes = [world.addNode([]), world.addNode([], { found: true })];
    nodes[0]!.reseed(seeds);
    nodes[0]!.start();
    world.run(20_000);
    expect(nodes[0]!.ready).toBe(false);
    nodes[1]!.reseed(seeds);
    nodes[1]!.start();
    expect(world.runUntil(() => nodes.every((node) => node.ready), 30_000)).toBe(true);
    expect(nodes[0]!.clusterId).toBe(nodes[1]!.clusterId);
  });

  it('a dead member that missed a schema edit keeps nobody from joining', () => {
    const world = new World(22);
    const [a, , c] = world.cluster(3);
    const put = (name: string): number =>
      a!.command({ kind: 'putSchema', type: 'document', name, replication: null, document: name });
    put('one');
    world.run(5_000);
    c!.crash();
    put('two');
    world.run(5_000);
    const joiner = world.addNode([a!.address]);
    joiner.start();
    expect(world.runUntil(() => joiner.ready, 30_000)).toBe(true);
  });

  it('a joiner that crashed before it remembered anybody asks its seed again, however long that was silent', () => {
    const world = new World(24);
    const [founder] = world.cluster(1);
    const joiner = world.addNode([founder!.address]);
    joiner.start();
    expect(world.runUntil(() => joiner.clusterId !== null, 5_000)).toBe(true);
    world.run(20);
    joiner.crash();
    founder!.crash();
    joiner.start();
    world.run(60_000);
    expect(joiner.reader.members().map(({ address }) => address)).toContain(null);
    founder!.start();
    expect(world.runUntil(() => joiner.ready, 60_000)).toBe(true);
  });

  it('a joiner that gave up while it waited is not made an owner later', () => {
    const world = new World(24);
    const [a, b] = world.cluster(2);
    world.run(3_000);
    // No majority: whoever asks now has to wait.
    world.network.partition([[a!.address, '10.0.0.2:7600'], [b!.address]]);
    const joiner = world.addNode([a!.address]);
    joiner.start();
    world.run(10_000);
    expect(joiner.ready).toBe(false);
    joiner.crash();
    world.run(60_000);
    world.network.heal();
    world.run(10_000);
    const observer = world.addNode([a!.address], { join: false });
    observer.replaceDisk(joiner.diskCopy());
    observer.start();
    world.run(60_000);
    const begins = a!.reader.register.log.records.filter((record) => record.kind === 'begin');
    const member = a!.reader.register.state!.members.get(observer.hostId);
    expect(member === undefined || begins.length === 2).toBe(true);
    expect(member?.state).not.toBe('normal');
  });
});
