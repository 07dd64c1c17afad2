import { describe, expect, it } from 'vitest';
import { ApplicationState } from '../../src/gossip/application-state.ts';
import { convergedCluster } from '../../src/sim/converged-cluster.ts';
import { differenceOf } from '../../src/sim/invariants/convergence.ts';
import type { SimulatedNode } from '../../src/sim/simulated-node.ts';
import { World } from '../../src/sim/world.ts';
import { singleMessages } from '../sim/single-messages.ts';

const livenessOf = (observer: SimulatedNode, subject: { hostId: string }): string | undefined =>
  observer.reader.members().find((member) => member.hostId === subject.hostId)?.liveness;

const allSee = (nodes: readonly SimulatedNode[], subject: { hostId: string }, liveness: string): boolean =>
  nodes.every((node) => livenessOf(node, subject) === liveness);

describe('gossip scenarios', () => {
  it('G07 wrong cluster: nodes of another name at a seed address mix nothing, and the starter keeps waiting', () => {
    const world = new World(7);
    const [a] = world.cluster(1);
    const stranger = world.addNode([a!.address], { clusterName: 'other', shadowTimeoutMs: 5_000 });
    stranger.start();
    world.run(10_000);
    expect(stranger.ready).toBe(false);
    expect(stranger.fatal?.code).toBe('SEEDS_UNREACHABLE');
    expect(a!.reader.members().map((member) => member.hostId)).toEqual([a!.hostId]);
  });

  it.each([
    { detector: 'swim' as const, answer: 'probeAck' },
    { detector: 'phi' as const, answer: 'ack' },
  ])(
    'G08 clean stop stays down, $detector: believed at once, and a late $answer does not revive the stopped node',
    ({ detector, answer }) => {
      const world = new World(8);
      const [a, b, c] = world.cluster(3, { detector });
      const stopped = { hostId: b!.hostId };
      const late: Parameters<Parameters<World['tap']>[0]>[] = [];
      let recording = false;
      world.tap((...sent) => {
        if (recording && sent[0] === b && singleMessages(sent[3]).some(({ kind }) => kind === answer)) late.push(sent);
        return true;
      });
      recording = true;
      world.run(5_000);
      recording = false;
      expect(late.length).toBeGreaterThan(0);
      b!.stop();
      world.run(100);
      expect(allSee([a!, c!], stopped, 'dead')).toBe(true);
      const source = { hostId: stopped.hostId, bootNonce: b!.bootNonce, replyTo: b!.address };
      for (const [, , channel, message] of late) a!.step({ kind: 'message', from: source, channel, message });
      world.run(30_000);
      expect(allSee([a!, c!], stopped, 'dead')).toBe(true);
      b!.start();
      expect(world.runUntil(() => b!.ready && allSee([a!, c!], stopped, 'alive'), 10_000)).toBe(true);
    },
  );

  it('G11 observers: a silent observer is forgotten after 30 s, its generation barred, and a restart is welcome', () => {
    const world = new World(11);
    const [a, b] = world.cluster(2);
    const observer = world.addNode([a!.address], { join: false });
    observer.start();
    expect(world.runUntil(() => observer.ready && allSee([a!, b!], observer, 'alive'), 10_000)).toBe(true);
    const gone = { hostId: observer.hostId };
    observer.crash();
    world.run(25_000);
    expect(livenessOf(a!, gone)).toBeDefined();
    world.run(15_000);
    expect(livenessOf(a!, gone)).toBeUndefined();
    expect(livenessOf(b!, gone)).toBeUndefined();
    observer.start();
    expect(world.runUntil(() => observer.ready && allSee([a!, b!], observer, 'alive'), 10_000)).toBe(true);
  });

  it('G11 observers: who was cut off for minutes soon knows them again by others, and dead ones stay forgotten', () => {
    const world = new World(3);
    const nodes = convergedCluster(world, 100, { detector: 'swim' });
    const [stays, goes] = [0, 1].map(() => world.addNode([nodes[0]!.address], { detector: 'swim', join: false }));
    for (const observer of [stays!, goes!]) observer.start();
    const knows = (node: SimulatedNode, hostId: string): boolean => node.reader.endpointState(hostId) !== null;
    const [cutOff, ...others] = nodes;
    world.runUntil(() => stays!.ready && goes!.ready, 10_000);
    const hostIds = { stays: stays!.hostId, goes: goes!.hostId };
    const allKnown = (): boolean =>
      nodes.every((node) => Object.values(hostIds).every((hostId) => knows(node, hostId)));
    expect(world.runUntil(allKnown, 120_000)).toBe(true);
    world.network.partition([[cutOff!.address], [...others, stays!, goes!].map(({ address }) => address)]);
    goes!.crash();
    world.run(200_000);
    expect(knows(cutOff!, hostIds.stays)).toBe(false);
    world.network.heal();
    // By its own probes alone within two passes of a hundred periods.
    expect(world.runUntil(() => knows(cutOff!, hostIds.stays), 20_000)).toBe(true);
    let known = 0;
    world.observe((node) => {
      if (node !== stays && node.running && knows(node, hostIds.goes)) known++;
    });
    world.run(300_000);
    expect(known).toBe(0);
  });

  it('G13 split and heal: two halves with a seed each are all up within two detector periods of the healing', () => {
    const world = new World(13);
    const seeds = ['10.0.0.0:7600', '10.0.0.2:7600'];
    const nodes = [0, 1, 2, 3].map(() => world.addNode(seeds));
    for (const node of nodes) node.start();
    expect(world.runUntil(() => nodes.every((node) => node.ready), 60_000)).toBe(true);
    const halves = [nodes.slice(0, 2), nodes.slice(2)];
    world.network.partition(halves.map((half) => half.map((node) => node.address)));
    const down = (): boolean =>
      halves[0]!.every((node) =>
        halves[1]!.every((other) => allSee([node], other, 'dead') && allSee([other], node, 'dead')),
      );
    expect(world.runUntil(down, 60_000)).toBe(true);
    world.network.heal();
    const up = (): boolean => nodes.every((node) => allSee(nodes, node, 'alive'));
    // Two detector periods: twice the time that phi 8 takes at one beat a second.
    expect(world.runUntil(up, 2 * 18_400)).toBe(true);
    for (const node of nodes) {
      for (const other of nodes) {
        expect(node.reader.endpointState(other.hostId)?.values.get(ApplicationState.tokens)?.value).toBe(
          other.reader.endpointState(other.hostId)?.values.get(ApplicationState.tokens)?.value,
        );
      }
    }
  });

  it.each([
    { size: 30, lossRatio: 0 },
    { size: 30, lossRatio: 0.3 },
    { size: 100, lossRatio: 0 },
    { size: 100, lossRatio: 0.3 },
  ])(
    'G14 convergence bound: one change is known to $size nodes at $lossRatio loss within 2·log2(N)+6 rounds',
    ({ size, lossRatio }) => {
      const world = new World(14);
      const nodes = convergedCluster(world, size);
      world.run(5_000);
      world.network.change({ lossRatio });
      const changed = nodes[size >> 1]!;
      changed.command({ kind: 'setStates', entries: [['x:colour', 'blue']] });
      const known = (): boolean =>
        nodes.every((node) => node.reader.endpointState(changed.hostId)?.values.get('x:colour')?.value === 'blue');
      const rounds = 2 * Math.log2(size) + 6;
      expect(world.runUntil(known, rounds * changed.config.gossipIntervalMs)).toBe(true);
    },
  );

  it.each([
    { forMs: 6_000, deafMs: 14_000 },
    { forMs: 30_000, deafMs: 0 },
  ])(
    'F03 local pause: a node deaf for $deafMs ms, whose own loop then stood still for $forMs ms, convicts nobody',
    ({ forMs, deafMs }) => {
      const world = new World(3);
      const [a, b, c] = world.cluster(3);
      world.run(30_000);
      let stalled = true;
      // A full socket buffer: what came meanwhile is lost.
      world.tap((_from, to) => !(stalled && to.address === a!.address));
      world.run(deafMs);
      const before = a!.events.length;
      world.stall(a!, forMs);
      world.run(forMs);
      // One round later it is heard of others again.
      world.run(1_500);
      stalled = false;
      world.run(60_000);
      const verdicts = a!.events.slice(before).flatMap((event) => (event.kind === 'liveness' ? [event.liveness] : []));
      expect(verdicts).not.toContain('dead');
      expect(allSee([a!, b!, c!], a!, 'alive')).toBe(true);
    },
  );

  it('G13 split and heal: what each half said in bulk keys meanwhile is known to the other within half a minute', () => {
    const world = new World(1);
    const nodes = convergedCluster(world, 30, { detector: 'swim' });
    world.run(5_000);
    world.network.partition(
      [0, 1].map((half) => nodes.filter((_, at) => at % 2 === half).map(({ address }) => address)),
    );
    world.run(20_000);
    for (const [at, node] of nodes.entries()) node.command({ kind: 'setLoad', bytes: 1_000_000_000 * (at + 1) });
    // Longer than a rumor of them waits.
    world.run(70_000);
    world.network.heal();
    expect(world.runUntil(() => differenceOf(world) === null, 30_000)).toBe(true);
  });

  it('F04 link cut between two, phi: both stay up by relay; dead ones come back only by a direct answer, one lost answer or not', () => {
    const world = new World(4);
    const [a, b, c] = world.cluster(3, { detector: 'phi' });
    world.run(5_000);
    world.network.cut(a!.address, b!.address);
    world.network.cut(b!.address, a!.address);
    world.run(60_000);
    expect(livenessOf(a!, b!)).toBe('alive');
    expect(livenessOf(c!, b!)).toBe('alive');
    // Wholly cut off, b dies for both; the relay through c alone must not revive it for a.
    world.network.partition([[a!.address, c!.address], [b!.address]]);
    expect(world.runUntil(() => allSee([a!, c!], b!, 'dead'), 60_000)).toBe(true);
    world.network.heal();
    world.network.cut(a!.address, b!.address);
    world.network.cut(b!.address, a!.address);
    expect(world.runUntil(() => livenessOf(c!, b!) === 'alive', 30_000)).toBe(true);
    world.run(30_000);
    expect(livenessOf(a!, b!)).toBe('dead');
    let lost = 0;
    world.tap((_from, _to, _channel, message) => !(message.kind === 'pong' && lost++ === 0));
    world.network.heal();
    expect(world.runUntil(() => livenessOf(a!, b!) === 'alive', 10_000)).toBe(true);
    expect(lost).toBeGreaterThan(0);
  });

  it('F04 link cut between two, swim: alive for all, and each side knows that only others reach the far one', () => {
    const world = new World(4);
    const nodes = world.cluster(3, { detector: 'swim' });
    const [a, b, c] = nodes;
    world.run(5_000);
    world.network.cut(a!.address, b!.address);
    world.network.cut(b!.address, a!.address);
    for (let second = 0; second < 60; second++) {
      world.run(1_000);
      for (const node of nodes) expect(allSee(nodes, node, 'alive')).toBe(true);
    }
    expect(a!.reader.evidence(b!.hostId)?.findings).toContainEqual(
      expect.objectContaining({ kind: 'relayed', by: c!.hostId }),
    );
    expect(c!.reader.evidence(b!.hostId)?.findings.filter(({ kind }) => kind === 'relayed')).toEqual([]);
    world.network.heal();
    world.run(10_000);
    const before = a!.reader.evidence(b!.hostId)!.findings.length;
    world.run(30_000);
    expect(a!.reader.evidence(b!.hostId)?.findings).toHaveLength(before);
  });
});
