import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { type PullerOptions, SchemaPuller } from '../../src/schema/schema-puller.ts';
import { emptySchemaVersion, schemaVersionOf } from '../../src/schema/schema-version.ts';

const [own, v1, v2, v3, v4] = ['own', '1', '2', '3', '4'].map((digest) => schemaVersionOf([digest])) as [
  string,
  string,
  string,
  string,
  string,
];
const otherFormat = `${v1.slice(0, 15)}02${v1.slice(17)}`;

/** A puller on virtual time: pulls are gathered, marks fire when time passes them. */
class PullerBench {
  readonly pulls: string[] = [];
  readonly dead = new Set<string>();
  readonly puller: SchemaPuller;
  #nowMs = 0;
  #timers: { mark: number; atMs: number }[] = [];

  constructor(options: Partial<PullerOptions> = {}, local = own) {
    this.puller = new SchemaPuller({
      random: new SeededRandom(0xca55),
      isAlive: (hostId) => !this.dead.has(hostId),
      ...options,
    });
    this.puller.begin(this.now, local, this.effects);
  }

  get now() {
    return { monotonicMs: this.#nowMs, wallMs: 1e12 };
  }

  readonly effects = {
    pull: (hostId: string, version: string) => void this.pulls.push(`${hostId} ${version}`),
    schedule: (mark: number, delayMs: number) => void this.#timers.push({ mark, atMs: this.#nowMs + delayMs }),
  };

  reported(hostId: string, version: string) {
    this.puller.reported(this.now, hostId, version, this.effects);
  }

  received(hostId: string, version: string) {
    this.puller.received(this.now, hostId, version, this.effects);
  }

  failed(hostId: string) {
    this.puller.failed(this.now, hostId, this.effects);
  }

  pass(forMs: number) {
    const untilMs = this.#nowMs + forMs;
    for (;;) {
      const next = this.#timers.sort((left, right) => left.atMs - right.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.puller.timer(this.now, next.mark, this.effects);
    }
    this.#nowMs = untilMs;
  }

  /** The pulls since the last call. */
  take(): string[] {
    return this.pulls.splice(0);
  }
}

const minute = 60_000;

describe('SchemaPuller', () => {
  it('S01: asks one holder at a time, the next only after a failure, and nobody once it has the version', () => {
    const bench = new PullerBench({ limitInFlight: 1, pullTimeoutMs: 10 * minute });
    bench.reported('e1', v1);
    bench.reported('e2', v1);
    bench.pass(minute);
    expect(bench.take()).toEqual([`e1 ${v1}`]);
    bench.failed('e1');
    bench.pass(minute);
    expect(bench.take()).toEqual([`e2 ${v1}`]);
    expect(bench.puller.awaited()).toEqual([{ version: v1, holders: ['e1', 'e2'] }]);
    bench.received('e2', v1);
    expect(bench.puller.awaited()).toEqual([]);
    bench.reported('e3', v1);
    bench.pass(10 * minute);
    expect(bench.take()).toEqual([]);
  });

  it('S03: never contacts holders of the same version, of another format, or dead; of these only the first is done with', () => {
    const bench = new PullerBench();
    bench.dead.add('dead');
    bench.reported('same', own);
    bench.reported('other', otherFormat);
    bench.reported('dead', v1);
    bench.reported('turns', v2);
    bench.reported('turns', otherFormat);
    bench.pass(3 * minute);
    expect(bench.take()).toEqual([]);
    expect(bench.puller.incomparable()).toEqual(['other', 'turns']);
    expect(bench.puller.awaited()).toEqual([{ version: v1, holders: ['dead'] }]);
    bench.dead.clear();
    bench.pass(minute);
    expect(bench.take()[0]).toBe(`dead ${v1}`);
  });

  it('S03: does not send to a holder that died between its report and the pull', () => {
    const bench = new PullerBench();
    bench.reported('e1', v1);
    bench.dead.add('e1');
    bench.pass(minute);
    expect(bench.take()).toEqual([]);
  });

  it('S04: two holders that fail ten times take turns, and one answer ends it', () => {
    const bench = new PullerBench({ pullTimeoutMs: 10 * minute });
    bench.reported('e1', v1);
    bench.reported('e2', v1);
    for (let failure = 0; failure < 10; failure++) {
      bench.pass(minute);
      expect(bench.pulls).toHaveLength(failure + 1);
      bench.failed(bench.pulls.at(-1)!.split(' ')[0]!);
    }
    const asked = bench.take().map((pull) => pull.split(' ')[0]);
    expect(asked).toEqual(Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? 'e1' : 'e2')));
    bench.pass(1 + minute);
    bench.received(bench.take()[0]!.split(' ')[0]!, v1);
    bench.pass(10 * minute);
    expect(bench.take()).toEqual([]);
  });

  it('takes silence for a failure', () => {
    const bench = new PullerBench({ pullTimeoutMs: 1_000, jitterMs: 10 });
    bench.reported('e1', v1);
    bench.reported('e2', v1);
    bench.pass(1_500);
    expect(bench.take()).toEqual([`e1 ${v1}`, `e2 ${v1}`]);
  });

  it('keeps no more pulls in flight than its limit, over all versions', () => {
    const bench = new PullerBench({ limitInFlight: 3, pullTimeoutMs: 10 * minute });
    for (const [hostId, version] of Object.entries({ e1: v1, e2: v2, e3: v3, e4: v4 })) bench.reported(hostId, version);
    bench.pass(minute);
    expect(bench.pulls).toHaveLength(3);
    const [hostId, version] = bench.pulls[0]!.split(' ') as [string, string];
    bench.received(hostId, version);
    expect(bench.pulls).toHaveLength(4);
  });

  it('waits a random moment before it pulls, unless it has no schema at all', () => {
    const settled = new PullerBench();
    settled.reported('e1', v1);
    expect(settled.pulls).toEqual([]);
    const empty = new PullerBench({}, emptySchemaVersion);
    empty.reported('e1', v1);
    expect(empty.pulls).toEqual([`e1 ${v1}`]);
  });

  it('forgets a version whose last holder left or changed it', () => {
    const bench = new PullerBench();
    bench.reported('e1', v1);
    bench.reported('e2', v2);
    bench.puller.gone('e1');
    bench.reported('e2', own);
    expect(bench.puller.awaited()).toEqual([]);
    bench.pass(minute);
    expect(bench.take()).toEqual([]);
  });

  it('does not pull a version that an edit or a push brought meanwhile', () => {
    const bench = new PullerBench();
    bench.reported('e1', v1);
    bench.puller.localChanged(bench.now, v1, bench.effects);
    bench.reported('e2', v2);
    bench.received('e3', v2);
    bench.pass(minute);
    expect(bench.take()).toEqual([]);
  });

  it('does not ask again when its own version differs from the received one after the merge', () => {
    const bench = new PullerBench({}, emptySchemaVersion);
    bench.reported('e1', v1);
    bench.puller.localChanged(bench.now, v2, bench.effects);
    bench.received('e1', v1);
    bench.take();
    bench.pass(10 * minute);
    expect(bench.take()).toEqual([]);
  });
});
