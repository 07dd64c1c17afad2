import { describe, expect, it } from 'vitest';
import type { LivenessClaim } from '../../src/detector/liveness-claim.ts';
import { lanSwimTimings } from '../../src/detector/swim-options.ts';
import { SwimWorld } from '../detector/swim-world.ts';

const { minSuspicionMs, maxSuspicionMs } = lanSwimTimings;

const suspicion = (world: SwimWorld, accuser: number, confirmers: readonly number[]): LivenessClaim => ({
  hostId: world.hostIds[0]!,
  generation: 1,
  incarnation: 0,
  liveness: 'suspect',
  accuser: world.hostIds[accuser]!,
  confirmers: confirmers.map((at) => world.hostIds[at]!),
  left: false,
});

describe('Lifeguard (Dadgar, Phillips, Currey, 2017)', () => {
  it('section III.A: a member that is slow itself convicts no healthy one, and probes less while it is', () => {
    const world = new SwimWorld(30, 1).run(2_000);
    for (let second = 0; second < 60; second += 2) {
      world.stall(0, 1_500);
      world.run(2_000);
    }
    expect(world.changes.filter(({ about, liveness }) => about !== 0 && liveness !== 'alive')).toEqual([]);
    expect(world.nodes[0]!.detector.localHealth).toBeGreaterThanOrEqual(3);
    const probes = (at: number): number =>
      world.sent.filter(({ from, kind }) => from === at && kind === 'probe').length;
    expect(probes(0)).toBeLessThan(probes(1) / 2);
    world.run(120_000);
    expect(world.nodes[0]!.detector.localHealth).toBe(0);
  });

  it('section III.A: a helper that cannot reach the target says so, and its prober does not doubt itself', () => {
    const world = new SwimWorld(10, 2).run(2_000);
    world.rumors = false;
    world.crash(0);
    world.run(8_000);
    expect(world.sent.some(({ kind }) => kind === 'nack')).toBe(true);
    for (let at = 1; at < 10; at++) expect(world.nodes[at]!.detector.localHealth).toBe(0);
  });

  it.each([
    { confirmers: [], expectedMs: maxSuspicionMs },
    { confirmers: [2], expectedMs: (minSuspicionMs + maxSuspicionMs) / 2 },
    { confirmers: [2, 3, 4], expectedMs: minSuspicionMs },
  ])(
    'section III.B: a suspicion with $confirmers.length confirmations lasts $expectedMs ms',
    ({ confirmers, expectedMs }) => {
      // Probes so seldom that nobody but the named confirms it.
      const world = new SwimWorld(10, 3, { probePeriodMs: 1_000_000 });
      world.rumors = false;
      world.crash(0);
      world.claim(5, 1, suspicion(world, 5, confirmers));
      world.run(expectedMs - 10);
      expect(world.liveness(5, 0)).toBe('suspect');
      world.run(20);
      expect(world.liveness(5, 0)).toBe('dead');
    },
  );

  it.each([
    ['section III.C: whoever probes a suspect', 4, 'probe'],
    ['beyond section III.C: whoever answers the probe of one', 2, 'probeAck'],
  ] as const)('%s tells it so first, so that it refutes at once and not by luck', (_who, holder, kind) => {
    const world = new SwimWorld(5, 4, { maxSuspicionMs: 60_000 }).run(2_000);
    world.rumors = false;
    world.claim(holder, 1, suspicion(world, 1, []));
    const heardMs = world.nowMs;
    const refuted = (): boolean => world.told.some(({ by }) => by === 0);
    expect(world.runUntil(refuted, 10_000)).toBe(true);
    // Nothing else came from the only one that suspects it.
    const heard = world.sent.filter(({ atMs, from, to }) => atMs >= heardMs && from === holder && to === 0);
    expect(heard.map((each) => each.kind)).toEqual([kind]);
    expect(world.nowMs - heard[0]!.atMs).toBeLessThan(20);
    expect(world.told.find(({ by }) => by === 0)?.claim).toMatchObject({ liveness: 'alive', incarnation: 1 });
    expect(world.runUntil(() => world.liveness(holder, 0) === 'alive', 10_000)).toBe(true);
  });
});
