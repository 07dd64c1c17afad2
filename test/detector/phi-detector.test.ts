import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import type { DetectorMessage } from '../../src/detector/detector-message.ts';
import type { Liveness } from '../../src/detector/failure-detector.ts';
import { PhiDetector } from '../../src/detector/phi-detector.ts';
import { idleEffects } from './idle-effects.ts';

const peer = 'peer';
const threshold = 8;
/** Silence that convicts at a mean interval of one second. */
const convictionMs = threshold * Math.LN10 * 1_000;

/** A detector on virtual time, ticked each second; `link` says what becomes of a ping. */
class Bench {
  readonly detector = new PhiDetector({ threshold, gossipIntervalMs: 1_000, random: new SeededRandom(4) });
  readonly told: Liveness[] = [];
  readonly pings: number[] = [];
  link: 'answers' | 'cut' = 'answers';
  nowMs = 0;
  #unanswered: number[] = [];
  readonly effects = {
    ...idleEffects,
    send: (_hostId: string, message: DetectorMessage) => {
      if (message.kind !== 'ping') throw new Error(`phi sent ${message.kind}`);
      this.pings.push(message.probe);
      if (this.link === 'answers') this.#unanswered.push(message.probe);
    },
    changed: (_hostId: string, liveness: Liveness) => {
      this.told.push(liveness);
    },
  };

  get now() {
    return { monotonicMs: this.nowMs, wallMs: this.nowMs };
  }

  get liveness(): Liveness {
    return this.detector.liveness(peer);
  }

  heard(): void {
    this.detector.heard({ hostId: peer }, this.now, this.effects);
    this.deliver();
  }

  restarted(): void {
    this.detector.restarted({ hostId: peer }, this.now, this.effects);
    this.deliver();
  }

  tick(): void {
    this.detector.tick(this.now, this.effects);
    this.deliver();
  }

  deliver(): void {
    for (const probe of this.#unanswered.splice(0)) this.detector.pong(peer, probe, this.now, this.effects);
  }

  /** So many seconds, each with a tick and, if the peer beats, a heartbeat. */
  seconds(count: number, beats: 'beats' | 'silent'): this {
    for (let second = 0; second < count; second++) {
      this.nowMs += 1_000;
      if (beats === 'beats') this.heard();
      this.tick();
    }
    return this;
  }

  /** Ticks at once, so much later, with no tick in between that could convict. */
  livenessAfter(silenceMs: number): Liveness {
    this.nowMs += silenceMs;
    this.tick();
    return this.liveness;
  }
}

/** A peer with a rhythm of one second, alive; the artificial first interval has left the window. */
const beating = (): Bench => new Bench().seconds(1_100, 'beats');

/** Ticks each 100 ms through a silence and notes when the opinion changed. */
function silence(bench: Bench, forMs: number): { readonly atMs: number; readonly liveness: Liveness }[] {
  const seen: { atMs: number; liveness: Liveness }[] = [];
  const startMs = bench.nowMs;
  while (bench.nowMs < startMs + forMs) {
    const before = bench.told.length;
    bench.nowMs += 100;
    bench.tick();
    for (const liveness of bench.told.slice(before)) seen.push({ atMs: bench.nowMs - startMs, liveness });
  }
  return seen;
}

describe('the phi detector', () => {
  it('F02: convicts after 18.4 s of silence at one beat a second, suspects after half of it', () => {
    expect(convictionMs).toBeCloseTo(18_420, -1);
    const seen = silence(beating(), 40_000);
    expect(seen.map(({ liveness }) => liveness)).toEqual(['suspect', 'dead']);
    expect(seen[0]!.atMs).toBeCloseTo(convictionMs / 2, -3);
    expect(seen[1]!.atMs).toBeGreaterThanOrEqual(convictionMs);
    expect(seen[1]!.atMs).toBeLessThan(convictionMs + 200);
  });

  it('F02: a gap of 30 s is never recorded: the next silence is judged by the rhythm before it', () => {
    const bench = beating();
    silence(bench, 30_000);
    expect(bench.liveness).toBe('dead');
    bench.heard();
    expect(bench.liveness).toBe('alive');
    expect(silence(bench, 40_000).at(-1)!.atMs).toBeLessThan(convictionMs + 200);
  });

  it('F02: from a cold start silence convicts at 36.9 s at the latest', () => {
    const bench = new Bench();
    bench.heard();
    const dead = silence(bench, 60_000).find(({ liveness }) => liveness === 'dead');
    expect(dead!.atMs).toBeGreaterThan(36_800);
    expect(dead!.atMs).toBeLessThanOrEqual(36_900);
  });

  it('F03: a blocked own loop convicts nobody, then nor for five seconds, and then the silent', () => {
    const bench = beating();
    expect(bench.livenessAfter(30_000)).toBe('alive');
    for (let elapsedMs = 1_000; elapsedMs < 5_000; elapsedMs += 1_000) {
      expect(bench.livenessAfter(1_000)).toBe('alive');
    }
    expect(bench.livenessAfter(1_000)).toBe('dead');

    const heardAgain = beating();
    heardAgain.livenessAfter(30_000);
    expect(heardAgain.seconds(10, 'beats').told).toEqual(['alive']);
  });

  it('F03: while the driver says that it stalls nobody is convicted', () => {
    const bench = beating();
    for (let second = 0; second < 30; second++) {
      bench.detector.stalled(6_000, bench.now);
      expect(bench.livenessAfter(1_000)).toBe('alive');
    }
    silence(bench, 5_000);
    expect(bench.liveness).toBe('dead');
  });

  it('F04: a relay keeps an alive peer alive, but never revives a dead one', () => {
    const bench = beating();
    bench.link = 'cut';
    bench.seconds(60, 'beats');
    expect(bench.liveness).toBe('alive');
    bench.seconds(20, 'silent');
    expect(bench.liveness).toBe('dead');
    bench.seconds(60, 'beats');
    expect(bench.liveness).toBe('dead');
    expect(bench.pings.length).toBeGreaterThan(10);
  });

  it('F04: after the heal one answered probe is enough, though an earlier one was lost', () => {
    const bench = beating();
    bench.link = 'cut';
    bench.seconds(20, 'silent').seconds(1, 'beats');
    expect(bench.liveness).toBe('dead');
    bench.link = 'answers';
    bench.seconds(3, 'beats');
    expect(bench.liveness).toBe('alive');
  });

  it('F04: keeps one probe in flight, repeats a lost one, and stops when nothing is heard any more', () => {
    const bench = new Bench();
    bench.link = 'cut';
    for (let relay = 0; relay < 50; relay++) bench.heard();
    expect(bench.pings).toHaveLength(1);
    bench.seconds(60, 'silent');
    expect(new Set(bench.pings).size).toBe(bench.pings.length);
    expect(bench.pings.length).toBeGreaterThan(2);
    const before = bench.pings.length;
    bench.seconds(60, 'silent');
    expect(bench.pings.length).toBe(before);
  });

  it('first contact is dead until a pong with the number of the probe in flight', () => {
    const bench = new Bench();
    bench.link = 'cut';
    expect([bench.liveness, bench.detector.phi(peer, bench.now)]).toEqual(['dead', null]);
    bench.heard();
    bench.detector.pong(peer, bench.pings[0]! + 1, bench.now, bench.effects);
    bench.detector.pong('stranger', bench.pings[0]!, bench.now, bench.effects);
    expect([bench.liveness, bench.told]).toEqual(['dead', []]);
    bench.detector.pong(peer, bench.pings[0]!, bench.now, bench.effects);
    bench.detector.pong(peer, bench.pings[0]!, bench.now, bench.effects);
    expect([bench.liveness, bench.told]).toEqual(['alive', ['alive']]);
  });

  it('G08: an announced stop is believed at once, and nothing but a higher generation ends it', () => {
    const bench = beating();
    bench.detector.left({ hostId: peer }, bench.now, bench.effects);
    expect(bench.told.at(-1)).toBe('dead');
    const pings = bench.pings.length;
    bench.seconds(30, 'beats');
    expect([bench.liveness, bench.pings.length]).toEqual(['dead', pings]);
    bench.restarted();
    expect(bench.liveness).toBe('alive');
  });

  it('G08: a probe that was in flight when the peer stopped revives nobody', () => {
    const bench = new Bench();
    bench.link = 'cut';
    bench.heard();
    bench.detector.left({ hostId: peer }, bench.now, bench.effects);
    bench.detector.pong(peer, bench.pings[0]!, bench.now, bench.effects);
    expect([bench.liveness, bench.told]).toEqual(['dead', []]);
  });

  it('a higher generation of a dead peer starts with a fresh rhythm, of an alive one goes on', () => {
    const phiAfter = (bench: Bench): number =>
      bench.detector.phi(peer, { ...bench.now, monotonicMs: bench.nowMs + 2_000 })!;
    const dead = beating();
    silence(dead, 30_000);
    dead.restarted();
    expect(phiAfter(dead)).toBeCloseTo(2_000 / 2_000 / Math.LN10, 6);
    const alive = beating();
    alive.nowMs += 1_000;
    alive.restarted();
    expect(phiAfter(alive)).toBeCloseTo(2_000 / 1_000 / Math.LN10, 1);
  });

  it('forgets a peer without a word', () => {
    const bench = beating();
    bench.detector.forget(peer);
    expect([bench.liveness, bench.told, bench.detector.phi(peer, bench.now)]).toEqual(['dead', ['alive'], null]);
  });
});
