import { describe, expect, it } from 'vitest';
import type { LivenessClaim } from '../../src/detector/liveness-claim.ts';
import { SwimWorld } from './swim-world.ts';

const claimOf = (world: SwimWorld, about: number, facts: Partial<LivenessClaim>): LivenessClaim => ({
  hostId: world.hostIds[about]!,
  generation: 1,
  incarnation: 0,
  liveness: 'dead',
  accuser: world.hostIds[1]!,
  confirmers: [],
  left: false,
  ...facts,
});

const isAccuser = (world: SwimWorld, by: number, claim: LivenessClaim): boolean => claim.accuser === world.hostIds[by];

const deadAt = (world: SwimWorld, at: number): number[] =>
  world.nodes[at]!.detector.deadClaims().map(({ hostId }) => world.hostIds.indexOf(hostId));

const deaths = (world: SwimWorld) => world.changes.filter(({ liveness }) => liveness === 'dead');

describe('the SWIM detector', () => {
  it('tells the same list of dead until one of them moves: dies, is back, or is forgotten', () => {
    const world = new SwimWorld(10, 1).run(5_000);
    const { detector } = world.nodes[5]!;
    expect(deadAt(world, 5)).toEqual([]);
    world.crash(0);
    world.run(8_000);
    const claims = detector.deadClaims();
    expect(deadAt(world, 5)).toEqual([0]);
    world.run(1_000);
    expect(detector.deadClaims()).toBe(claims);
    world.crash(1);
    world.run(8_000);
    expect(deadAt(world, 5)).toEqual([0, 1]);
    world.restart(0);
    world.run(3_000);
    expect(deadAt(world, 5)).toEqual([1]);
    detector.forget(world.hostIds[1]!);
    expect(deadAt(world, 5)).toEqual([]);
  });

  it('finds a crash, names accuser and confirmers, and everybody holds the same', () => {
    const world = new SwimWorld(20, 1).run(5_000);
    world.crash(0);
    world.run(8_000);
    for (let at = 1; at < 20; at++) expect(world.liveness(at, 0)).toBe('dead');
    const { claim } = world.told.find((each) => each.claim.liveness === 'suspect')!;
    expect(claim.hostId).toBe(world.hostIds[0]);
    expect(claim.confirmers.length).toBeGreaterThan(0);
    expect(claim.confirmers).not.toContain(claim.accuser);
    for (let at = 1; at < 20; at++) {
      const { findings } = world.nodes[at]!.detector.evidence(claim.hostId);
      const verdict = findings.find(({ kind }) => kind === 'dead');
      expect(verdict).toMatchObject({ confirmers: expect.arrayContaining([...claim.confirmers]) });
    }
    // They were told already, and where many die at once the length of a claim counts.
    const told = world.told.filter((each) => each.claim.liveness === 'dead');
    for (const each of told) expect(each.claim.confirmers).toEqual([]);
    expect(deaths(world).every(({ about }) => about === 0)).toBe(true);
  });

  it('tells nobody but confirmers of a suspicion, and one who reaches the suspect ends it', () => {
    // Without helpers the cut link between 0 and 1 is a suspicion at each probe over it.
    const world = new SwimWorld(20, 2, { helpers: 0 });
    world.cut(0, 1);
    world.cut(1, 0);
    world.run(120_000);
    const asked = world.sent.filter(({ kind }) => kind === 'confirm');
    expect(new Set(asked.map(({ from }) => from))).toEqual(new Set([0, 1]));
    expect(new Set(asked.filter(({ from }) => from === 0).map(({ to }) => to)).size).toBe(3);
    const { findings } = world.nodes[1]!.detector.evidence(world.hostIds[0]!);
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'confirmed', verdict: 'alive' }));
    expect(world.told).toEqual([]);
    expect(world.changes).toEqual([]);
  });

  it.each([true, false])(
    'a fifth of all packets lost, streams %s: hardly a suspicion is told, for each costs every member some sends',
    (streams) => {
      const world = new SwimWorld(100, 30).run(2_000);
      world.streams = streams;
      world.lossRatio = 0.2;
      world.run(120_000);
      expect(world.sent.filter(({ kind }) => kind === 'confirm').length).toBeGreaterThan(0);
      const suspicions = world.told.filter(
        ({ claim, by }) => claim.liveness === 'suspect' && isAccuser(world, by, claim),
      );
      expect(suspicions.length).toBeLessThanOrEqual(1);
    },
  );

  it('asks other confirmers when one alone finds a suspect dead and the words of the rest are lost', () => {
    const world = new SwimWorld(20, 31, { helpers: 0 }).run(5_000);
    // Node 1 cannot reach node 0, nor can the first confirmer that it asks; the others' answers to it are lost.
    const blind: number[] = [];
    world.loses = (from, to, kind) => {
      if (kind === 'confirm' && from === 1 && blind.length === 0) blind.push(to);
      if (to === 0 && (from === 1 || from === blind[0])) return true;
      return (
        kind === 'confirmed' &&
        world.sent.filter(({ from, kind }) => from === 1 && kind === 'confirm').length <= 3 &&
        from !== blind[0]
      );
    };
    world.run(60_000);
    expect(world.sent.filter(({ from, kind }) => from === 1 && kind === 'confirm').length).toBeGreaterThan(3);
    expect(world.told).toEqual([]);
  });

  it('a node that starts holds all who live for alive within two seconds, whichever single message is lost', () => {
    const size = 20;
    const others = Array.from({ length: size - 1 }, (_, at) => at + 1);
    let messages = 0;
    for (let lost = 0; lost <= messages; lost++) {
      const world = new SwimWorld(size, 21).run(2_000);
      let seen = 0;
      world.loses = (from, to) => (from === 0 || to === 0) && world.nowMs < 2_100 && seen++ === lost;
      world.restart(0);
      const allKnown = (): boolean => others.every((other) => world.liveness(0, other) === 'alive');
      expect([lost, world.runUntil(allKnown, 2_000)]).toEqual([lost, true]);
      messages = seen;
    }
    expect(messages).toBeGreaterThanOrEqual(2 * others.length);
  });

  it('a host that it has just heard of is dead until it answers, and one that does not is asked ever more seldom', () => {
    // Probes by turn are so seldom that none comes.
    const world = new SwimWorld(3, 22, { probePeriodMs: 1_000_000 });
    world.crash(1);
    world.sent.length = 0;
    world.restart(0);
    world.run(60_000);
    expect([world.liveness(0, 1), world.liveness(0, 2)]).toEqual(['dead', 'alive']);
    const asked = world.sent.filter(({ from, to }) => from === 0 && to === 1).map(({ atMs }) => atMs);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.length).toBeLessThan(30);
  });

  it('a node that hears nobody takes itself for cut off, accuses nobody, and sees all again after the healing', () => {
    const world = new SwimWorld(10, 3).run(2_000);
    for (let other = 1; other < 10; other++) {
      world.cut(0, other);
      world.cut(other, 0);
    }
    world.run(40_000);
    for (let other = 1; other < 10; other++) {
      expect(world.liveness(0, other)).toBe('dead');
      expect(world.liveness(other, 0)).toBe('dead');
    }
    expect(world.told.filter(({ by }) => by === 0)).toEqual([]);
    world.heal();
    const healed = (): boolean =>
      world.nodes.every((_, at) =>
        world.nodes.every((_, about) => at === about || world.liveness(at, about) === 'alive'),
      );
    expect(world.runUntil(healed, 15_000)).toBe(true);
  });

  it('a suspect that hears its suspicion refutes it with a higher incarnation, and nobody dies', () => {
    const world = new SwimWorld(10, 4).run(2_000);
    world.claim(2, 1, claimOf(world, 0, { liveness: 'suspect' }));
    world.run(10_000);
    const refutation = world.told.find(({ by, claim }) => by === 0 && claim.liveness === 'alive');
    expect(refutation?.claim).toMatchObject({ incarnation: 1, accuser: null });
    expect(deaths(world)).toEqual([]);
    for (let at = 1; at < 10; at++) expect(world.liveness(at, 0)).toBe('alive');
  });

  it('who missed the refutation asks the witnesses before it buries a living host', () => {
    const world = new SwimWorld(10, 11).run(5_000);
    world.claim(5, 1, claimOf(world, 0, { liveness: 'suspect', confirmers: [world.hostIds[2]!, world.hostIds[3]!] }));
    world.rumors = false;
    // All that reaches node 5 from its suspect is lost; the witnesses know better.
    world.cut(0, 5);
    for (const at of [1, 2, 3])
      world.claim(at, 0, claimOf(world, 0, { liveness: 'alive', incarnation: 1, accuser: null }));
    world.run(10_000);
    expect(world.liveness(5, 0)).toBe('alive');
    expect(deaths(world)).toEqual([]);
  });

  it('a confirmer that buried the life before looks into the one that it is asked about', () => {
    const world = new SwimWorld(10, 13).run(5_000);
    world.rumors = false;
    world.claim(5, 1, claimOf(world, 0, {}));
    world.claim(1, 0, claimOf(world, 0, { liveness: 'alive', incarnation: 1, accuser: null }));
    world.sent.length = 0;
    const { detector, effects } = world.nodes[5]!;
    const life = { hostId: world.hostIds[0]!, generation: 1, incarnation: 1 };
    detector.receive(world.hostIds[1]!, { kind: 'confirm', probe: 7, ...life }, 'datagram', world.now(), effects);
    world.run(20);
    const said = world.sent.filter(({ from }) => from === 5).map(({ to, kind }) => [to, kind]);
    expect(said.slice(0, 2)).toEqual([
      [0, 'probe'],
      [1, 'confirmed'],
    ]);
    expect(world.liveness(5, 0)).toBe('alive');
  });

  it('a node that most of its packets cannot reach dies once, and lives again once they do', () => {
    const world = new SwimWorld(20, 12).run(5_000);
    world.lossOf = (from, to) => (from === 0 || to === 0 ? 0.8 : 0);
    world.run(120_000);
    const changes = world.changes.filter(({ at, about }) => at === 1 && about === 0);
    expect(changes.filter(({ liveness }) => liveness === 'dead').length).toBeLessThanOrEqual(2);
    expect(world.liveness(1, 0)).toBe('dead');
    expect(deaths(world).filter(({ about }) => about !== 0)).toEqual([]);
    world.lossOf = () => 0;
    expect(
      world.runUntil(() => world.nodes.every((_, at) => at === 0 || world.liveness(at, 0) === 'alive'), 10_000),
    ).toBe(true);
  });

  it('an old "dead" from an exchange is a suspicion first: the living answer before they die', () => {
    const world = new SwimWorld(10, 5).run(2_000);
    // After a split all of the other side say the same at once.
    for (const from of [1, 3, 4]) world.claim(2, from, claimOf(world, 0, {}), 'exchange');
    expect(world.liveness(2, 0)).toBe('suspect');
    world.run(10_000);
    expect(deaths(world)).toEqual([]);
    expect(world.liveness(2, 0)).toBe('alive');
  });

  it('an old "dead" is believed at its repetition once the host was asked and did not answer', () => {
    const world = new SwimWorld(10, 5).run(2_000);
    world.crash(0);
    world.claim(2, 1, claimOf(world, 0, {}), 'exchange');
    world.run(600);
    expect(world.liveness(2, 0)).toBe('suspect');
    world.claim(2, 3, claimOf(world, 0, {}), 'exchange');
    expect(world.liveness(2, 0)).toBe('dead');
  });

  it.each([
    ['an incarnation at its maximum', { incarnation: Number.MAX_SAFE_INTEGER }],
    ['a higher generation', { generation: 1_000, incarnation: 7 }],
    ['the forged word of a clean stop', { left: true }],
  ])('a forged "dead" with %s about a live node is cured within two periods', (_, facts) => {
    const world = new SwimWorld(20, 6).run(2_000);
    world.claim(3, 1, claimOf(world, 0, facts));
    world.run(300);
    expect(deaths(world).length).toBeGreaterThan(10);
    world.run(1_700);
    for (let at = 1; at < 20; at++) expect([at, world.liveness(at, 0)]).toEqual([at, 'alive']);
  });

  it('refuses a claim of a generation more than a day ahead of the own clock', () => {
    const world = new SwimWorld(5, 7).run(2_000);
    const tomorrow = Math.floor(world.now().wallMs / 1_000) + 90_000;
    world.claim(2, 1, claimOf(world, 0, { generation: tomorrow }));
    expect(world.liveness(2, 0)).toBe('alive');
  });

  it('a host that left stays down whatever it still sends, until a higher generation', () => {
    const world = new SwimWorld(5, 8).run(2_000);
    const node = world.nodes[1]!;
    const hostId = world.hostIds[0]!;
    node.detector.left({ hostId, generation: 1 }, world.now(), node.effects);
    world.claim(1, 2, claimOf(world, 0, { liveness: 'alive', incarnation: 50, accuser: null }));
    expect(world.liveness(1, 0)).toBe('dead');
    node.detector.restarted({ hostId, generation: 2 }, world.now(), node.effects);
    expect(world.liveness(1, 0)).toBe('alive');
  });

  it.each([2, 3])('in a cluster of %i the accuser alone convicts, and finds the dead one again', (size) => {
    const world = new SwimWorld(size, 9).run(3_000);
    for (let at = 1; at < size; at++) world.crash(at);
    expect(world.runUntil(() => world.liveness(0, 1) === 'dead', 20_000)).toBe(true);
    world.nodes[1]!.up = true;
    world.nodes[1]!.detector.begin([], world.now(), world.nodes[1]!.effects);
    expect(world.runUntil(() => world.liveness(0, 1) === 'alive', 10_000)).toBe(true);
  });

  it('two halves that declared each other dead find each other again, without a new death among the living', () => {
    const world = new SwimWorld(12, 10).run(2_000);
    for (let left = 0; left < 6; left++) {
      for (let right = 6; right < 12; right++) {
        world.cut(left, right);
        world.cut(right, left);
      }
    }
    const apart = (): boolean =>
      [0, 5].every((left) => [6, 11].every((right) => world.liveness(left, right) === 'dead'));
    expect(world.runUntil(apart, 60_000)).toBe(true);
    world.run(30_000);
    world.changes.length = 0;
    world.heal();
    const healed = (): boolean =>
      world.nodes.every((_, at) =>
        world.nodes.every((_, about) => at === about || world.liveness(at, about) === 'alive'),
      );
    expect(world.runUntil(healed, 15_000)).toBe(true);
    world.run(20_000);
    expect(deaths(world)).toEqual([]);
  });
});
