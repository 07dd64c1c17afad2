import { describe, expect, it } from 'vitest';
import { lanSwimTimings } from '../../src/detector/swim-options.ts';
import { SwimWorld } from '../detector/swim-world.ts';

const periodMs = lanSwimTimings.probePeriodMs;

/** When each node was probed: times ascending, by who was. */
function probesOf(world: SwimWorld, by: 'to' | 'pair'): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { atMs, from, to, kind } of world.sent) {
    if (kind !== 'probe') continue;
    const key = by === 'to' ? String(to) : `${from}>${to}`;
    times.set(key, [...(times.get(key) ?? []), atMs]);
  }
  return times;
}

/** After how many periods, the last one counted as a whole, members that crash at many moments would be probed. */
function waitsOf(world: SwimWorld): number[] {
  const waits: number[] = [];
  for (const times of probesOf(world.run(60 * periodMs), 'to').values()) {
    for (let crashMs = 10 * periodMs; crashMs < 50 * periodMs; crashMs += 1.7 * periodMs) {
      waits.push(Math.ceil((times.find((atMs) => atMs > crashMs)! - crashMs) / periodMs));
    }
  }
  return waits;
}

describe('SWIM (Das, Gupta, Motivala, DSN 2002)', () => {
  it.each([10, 40, 160])(
    'section 5: a member of %i sends one probe and one ack a period, whatever their number',
    (size) => {
      const world = new SwimWorld(size, size).run(5 * periodMs);
      world.sent.length = 0;
      world.run(20 * periodMs);
      expect(world.sent.length / size / 20).toBeCloseTo(2, 1);
    },
  );

  it('section 3.1: a crash meets its first probe after e / (e − 1) = 1.58 periods on average, where clocks differ', () => {
    const waits = waitsOf(new SwimWorld(100, 3).skewClocks());
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(waits.length).toBeGreaterThan(2_000);
    expect(mean).toBeGreaterThan(1.5);
    expect(mean).toBeLessThan(1.66);
  });

  it('beyond section 3.1: where clocks agree all share one order, and a crash meets its first probe within two periods', () => {
    const waits = waitsOf(new SwimWorld(100, 3));
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(mean).toBeLessThan(1.25);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2);
  });

  it('section 4.3: every member probes every other within 2N − 1 periods, in an order that each pass draws anew', () => {
    const size = 12;
    const world = new SwimWorld(size, 4).run(200 * periodMs);
    const gaps = [...probesOf(world, 'pair').values()].flatMap((times) =>
      times.slice(1).map((atMs, place) => Math.round((atMs - times[place]!) / periodMs)),
    );
    // A member's own list has the N − 1 others, so the bound is a little tighter than the paper's.
    expect(probesOf(world, 'pair').size).toBe(size * (size - 1));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * (size - 1) - 1);
    expect(Math.max(...gaps)).toBeGreaterThan(1.5 * size);
    expect(Math.min(...gaps)).toBeLessThan(size / 2);
  });

  it('section 3.1: when a link is down, the k helpers reach the target and nobody is suspected', () => {
    const world = new SwimWorld(20, 5);
    world.streams = false;
    world.cut(0, 1);
    world.run(60 * periodMs);
    expect(world.sent.some(({ kind, to }) => kind === 'probeRelay' && to === 0)).toBe(true);
    expect(world.told).toEqual([]);
  });

  /** 30 members for two minutes, while so many datagrams are lost and no stream can be opened. */
  const lossy = (lossRatio: number): SwimWorld => {
    const world = new SwimWorld(30, 6);
    world.lossRatio = lossRatio;
    world.streams = false;
    return world.run(120 * periodMs);
  };

  it('section 4.2: the suspected clear themselves, so that half of all datagrams lost kills nobody', () => {
    const { told, changes } = lossy(0.5);
    expect(told.filter(({ claim }) => claim.liveness === 'suspect').length).toBeGreaterThan(100);
    expect(changes.filter(({ liveness }) => liveness === 'dead')).toEqual([]);
  });

  it('beyond section 4.2: who is confirmed before it is told is not even suspected while a fifth is lost', () => {
    const { sent, told } = lossy(0.2);
    expect(sent.some(({ kind }) => kind === 'confirm')).toBe(true);
    expect(told).toEqual([]);
  });
});
