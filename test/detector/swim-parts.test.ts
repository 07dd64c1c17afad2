import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom, shuffle } from '../../src/base/random.ts';
import { AnswerLog } from '../../src/detector/answer-log.ts';
import { chooseConfirmers } from '../../src/detector/confirmers.ts';
import { EvidenceLog } from '../../src/detector/evidence.ts';
import { LocalHealth } from '../../src/detector/local-health.ts';
import { MemberTable } from '../../src/detector/member-table.ts';
import { ProbeOrder } from '../../src/detector/probe-order.ts';
import { probeDistance } from '../../src/detector/probe-rotation.ts';
import { RoundTrip } from '../../src/detector/round-trip.ts';
import { Suspicion, suspicionTimeoutMs } from '../../src/detector/suspicion.ts';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';

const hostIds = Array.from({ length: 50 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);

describe('the order of probes', () => {
  it('is a circle by key, whoever comes and goes, in whatever order', () => {
    const step = fc.record({ adds: fc.boolean(), slot: fc.nat(60) });
    const bursts = fc.array(fc.array(step, { maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(bursts, fc.integer(), (all, seed) => {
        const random = new SeededRandom(seed);
        // Some keys are equal: then the slot decides.
        const keys = Array.from({ length: 100 }, () => random.below(70));
        const order = new ProbeOrder((slot) => keys[slot]!);
        const inside = new Set<number>();
        for (const burst of all) {
          for (const { adds, slot } of burst) {
            if (!adds) order.delete(slot);
            else if (!inside.has(slot)) order.add(slot);
            if (adds) inside.add(slot);
            else inside.delete(slot);
          }
          expect(order.size).toBe(inside.size);
          if (inside.size === 0) continue;
          const self = 80;
          const circle = [...inside, self].sort((left, right) => keys[left]! - keys[right]! || left - right);
          const from = circle.indexOf(self);
          for (let distance = 1; distance < circle.length; distance++) {
            expect(order.after(self, distance)).toBe(circle[(from + distance) % circle.length]);
          }
        }
      }),
    );
  });

  it('a pass visits every distance once, and the next one in another order', () => {
    for (const others of [1, 2, 3, 10, 97, 100]) {
      const pass = (number: number): number[] =>
        Array.from({ length: others }, (_, step) => probeDistance(number * others + step, others));
      for (const number of [0, 1, 17_000_000]) {
        expect(pass(number).toSorted((left, right) => left - right)).toEqual(
          Array.from({ length: others }, (_, place) => place + 1),
        );
      }
      if (others >= 10) expect(pass(1)).not.toEqual(pass(2));
    }
  });

  it('nodes that agree on time and members probe each one exactly once a period', () => {
    const tables = hostIds.map((self, seed) => {
      const table = new MemberTable(new EndpointDirectory());
      const state = { generation: 1, incarnation: 0, liveness: 'alive', left: false } as const;
      for (const hostId of shuffle([...hostIds], new SeededRandom(seed))) {
        if (hostId !== self) table.set(hostId, state, true);
      }
      return table;
    });
    for (let period = 0; period < 120; period++) {
      const probed = tables.map((table, at) => table.probedIn(period, hostIds[at]!));
      expect(new Set(probed).size).toBe(hostIds.length);
    }
  });
});

describe('the member table', () => {
  it('leaves the dead out of the probes but not out of the dead that are looked for', () => {
    const table = new MemberTable(new EndpointDirectory());
    const random = new SeededRandom(1);
    const row = { generation: 5, incarnation: 2, left: false };
    for (const hostId of hostIds.slice(0, 10)) table.set(hostId, { ...row, liveness: 'alive' }, true);
    table.set(hostIds[3]!, { ...row, liveness: 'dead' }, true);
    expect(table.get(hostIds[3]!)).toEqual({ ...row, liveness: 'dead' });
    const pass = Array.from({ length: 10 }, (_, period) => table.probedIn(period, hostIds[20]!));
    expect(new Set(pass).size).toBe(9);
    expect(pass).not.toContain(hostIds[3]);
    expect([table.size, table.deadCount, table.anyDead(random)]).toEqual([10, 1, hostIds[3]]);
    table.delete(hostIds[3]!);
    expect([table.has(hostIds[3]!), table.size, table.anyDead(random)]).toEqual([false, 9, null]);
  });

  it('holds an unproven host for dead until it is alive by a proof, a suspicion between notwithstanding', () => {
    const table = new MemberTable(new EndpointDirectory());
    const row = { generation: 5, incarnation: 0, left: false };
    table.set('h', { ...row, liveness: 'alive' }, false);
    expect([table.liveness('h'), table.anyAlive(3, '', new SeededRandom(1))]).toEqual(['dead', []]);
    table.set('h', { ...row, liveness: 'suspect' }, true);
    expect(table.liveness('h')).toBe('dead');
    table.set('h', { ...row, liveness: 'alive' }, true);
    expect(table.liveness('h')).toBe('alive');
  });
});

describe('local health', () => {
  it('stays within 0 and 8 whatever happens, and each answered probe makes up for one sign', () => {
    const health = new LocalHealth();
    health.answered(1);
    expect(health.score).toBe(0);
    health.failed(3, 3);
    expect(health.score).toBe(0);
    health.failed(3, 1);
    health.failed(0, 0);
    health.refuted();
    expect([health.score, health.multiplier, health.isSlow]).toEqual([4, 5, true]);
    health.answered(2);
    health.answered(3);
    expect([health.score, health.isSlow]).toEqual([2, false]);
    health.lagged(60_000);
    expect([health.score, health.multiplier]).toEqual([8, 9]);
  });

  it('is well when three probes sent one after another were answered, whatever is found out meanwhile of those before', () => {
    const health = new LocalHealth();
    const isWellAfter = (turns: readonly number[]): boolean[] =>
      turns.map((turn) => {
        health.answered(turn);
        health.missed(2);
        return health.isWell;
      });
    expect(isWellAfter([1, 3, 4, 5])).toEqual([false, false, false, true]);
    expect(health.isSurelyWell).toBe(false);
    expect(isWellAfter([6])).toEqual([true]);
    expect(health.isSurelyWell).toBe(true);
    health.missed(7);
    expect(health.isWell).toBe(false);
    expect(isWellAfter([8, 9, 11, 12])).toEqual([false, false, false, false]);
    expect(isWellAfter([10, 13])).toEqual([false, true]);
  });

  it('takes a loop that stood still for a second for slow at once', () => {
    const health = new LocalHealth();
    health.lagged(300);
    expect(health.isSlow).toBe(false);
    const stalled = new LocalHealth();
    stalled.lagged(1_000);
    expect(stalled.isSlow).toBe(true);
  });
});

describe('the adaptive probe timeout', () => {
  it('is its upper bound before the first sample, its lower bound in a quiet LAN, and follows a far network', () => {
    const trip = new RoundTrip(100, 500);
    expect(trip.timeoutMs).toBe(500);
    for (let sample = 0; sample < 50; sample++) trip.sample(1);
    expect(trip.timeoutMs).toBe(100);
    for (let sample = 0; sample < 50; sample++) trip.sample(sample % 2 === 0 ? 150 : 170);
    expect(trip.timeoutMs).toBeGreaterThan(170);
    expect(trip.timeoutMs).toBeLessThan(250);
  });
});

describe('a suspicion', () => {
  it('shrinks from max to min with independent confirmations, the first saving most (Lifeguard III.B)', () => {
    const timeouts = [0, 1, 2, 3, 4].map((confirmations) => suspicionTimeoutMs(1_000, 6_000, confirmations, 3));
    expect(timeouts.map(Math.round)).toEqual([6_000, 3_500, 2_038, 1_000, 1_000]);
    expect(suspicionTimeoutMs(1_000, 6_000, 0, 0)).toBe(6_000);
  });

  it('counts each accuser once, and its first accuser not as a confirmer', () => {
    const suspicion = new Suspicion(0, 'a', ['b']);
    expect(suspicion.confirm(['a', 'b'])).toBe(false);
    expect(suspicion.confirm(['c', 'd', 'e'])).toBe(true);
    expect(suspicion.confirmers).toEqual(['b', 'c', 'd']);
    expect(suspicion.confirm(['f'])).toBe(false);
  });
});

describe('the choice of confirmers', () => {
  it('is the same for all accusers of one life, another one for the next, and spreads evenly', () => {
    const life = { generation: 7, incarnation: 0 };
    const chosen = chooseConfirmers(hostIds, hostIds[0]!, life, 3);
    expect(chosen).toHaveLength(3);
    expect(chooseConfirmers([...hostIds].reverse(), hostIds[0]!, life, 3)).toEqual(chosen);
    expect(chooseConfirmers(hostIds.slice(0, 2), hostIds[0]!, life, 3)).toHaveLength(2);
    const asked = new Map<string, number>();
    for (let incarnation = 0; incarnation < 1_000; incarnation++) {
      for (const each of chooseConfirmers(hostIds, hostIds[0]!, { generation: 7, incarnation }, 3)) {
        asked.set(each, (asked.get(each) ?? 0) + 1);
      }
    }
    // 60 each on average; six standard deviations of a binomial either way.
    for (const hostId of hostIds) {
      expect(asked.get(hostId)).toBeGreaterThan(15);
      expect(asked.get(hostId)).toBeLessThan(105);
    }
  });
});

describe('the evidence log', () => {
  it('keeps the newest findings of the hosts that something happened to last', () => {
    const log = new EvidenceLog(new EndpointDirectory());
    for (let at = 0; at < 40; at++) log.add('a', { atMs: at, kind: 'unconfirmed' });
    expect(log.of('a').findings).toHaveLength(32);
    expect(log.of('a').findings[0]!.atMs).toBe(8);
    for (let at = 0; at < 1_024; at++) {
      log.add(`h${at}`, { atMs: at, kind: 'unconfirmed' });
      if (at === 500) log.add('a', { atMs: 99, kind: 'unconfirmed' });
    }
    expect(log.of('a').findings.at(-1)!.atMs).toBe(99);
    expect(log.of('h0').findings).toEqual([]);
  });
});

describe('the evidence about a host that something happened to', () => {
  it('has its last answer, however many others answered since', () => {
    const log = new EvidenceLog(new EndpointDirectory());
    log.acked('a', 7, 0.5);
    log.add('a', { atMs: 8, kind: 'unconfirmed' });
    for (let at = 0; at < 5_000; at++) log.acked('b', at, 0.5);
    log.add('a', { atMs: 9, kind: 'unconfirmed' });
    expect(log.of('a').lastAck).toEqual({ atMs: 7, roundTripMs: 0.5 });
    log.acked('a', 6_000, 0.5);
    expect(log.of('a').lastAck?.atMs).toBe(6_000);
    log.forget('a');
    expect(log.of('a')).toEqual({ lastAck: null, findings: [] });
  });
});

describe('the log of answers', () => {
  it('holds the last answer of each host of four thousand, and of more hosts the newest ones', () => {
    const log = new AnswerLog();
    for (let slot = 0; slot < 4_096; slot++) log.add(slot, slot, 0.5);
    expect([log.last(0), log.last(4_095)?.atMs, log.last(4_096)]).toEqual([{ atMs: 0, roundTripMs: 0.5 }, 4_095, null]);
    log.add(7, 5_000, 2);
    log.add(9_999, 5_001, 2);
    expect([log.last(7)?.atMs, log.last(0), log.last(1), log.last(2)?.atMs]).toEqual([5_000, null, null, 2]);
  });

  it('knows nothing any more of a host that was forgotten', () => {
    const log = new AnswerLog();
    log.add(1, 10, 1);
    log.add(2, 20, 1);
    log.add(1, 30, 1);
    log.forget(1);
    expect([log.last(1), log.last(2)?.atMs]).toEqual([null, 20]);
  });
});
