import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { Accuser } from '../../src/detector/accuser.ts';
import { ClaimJudge } from '../../src/detector/claim-judge.ts';
import type { Confirm, ConfirmVerdict, DetectorMessage } from '../../src/detector/detector-message.ts';
import type { DetectorTimer } from '../../src/detector/detector-timer.ts';
import { ProbeLedger } from '../../src/detector/probe-ledger.ts';
import { SwimContext } from '../../src/detector/swim-context.ts';
import { lanSwimTimings } from '../../src/detector/swim-options.ts';
import { EndpointDirectory } from '../../src/gossip/endpoint-directory.ts';
import { idleEffects } from './idle-effects.ts';

const suspect = 'suspect';
const generation = 7;

type Timer = Extract<DetectorTimer, { readonly kind: 'accusation' }>;

/** An accuser among six, its clock, and what its confirmers were asked. */
class Bench {
  readonly context = new SwimContext({
    hostId: 'self',
    ownGeneration: () => generation,
    slots: new EndpointDirectory(),
    random: new SeededRandom(1),
    timings: lanSwimTimings,
    phase: 0,
  });
  readonly judge = new ClaimJudge(this.context, () => {});
  readonly accuser = new Accuser(this.context, this.judge, new ProbeLedger(this.context, () => null));
  readonly asked: { readonly hostId: string; readonly message: Confirm }[] = [];
  readonly #timers: Timer[] = [];

  constructor() {
    this.context.effects = {
      ...idleEffects,
      send: (hostId: string, message: DetectorMessage) => {
        if (message.kind === 'confirm') this.asked.push({ hostId, message });
      },
      schedule: (timer) => {
        if (timer.kind === 'accusation') this.#timers.push(timer);
      },
    };
    for (const hostId of [suspect, 'a', 'b', 'c', 'd']) this.judge.appeared(hostId, generation);
  }

  /** Time goes on; the accuser's timers are due on their way. */
  run(forMs: number): void {
    const untilMs = this.context.nowMs + forMs;
    for (let timer = this.#next(untilMs); timer !== undefined; timer = this.#next(untilMs)) {
      this.context.now = { monotonicMs: timer.dueMs, wallMs: timer.dueMs };
      this.accuser.due(timer.number, timer.wait);
    }
    this.context.now = { monotonicMs: untilMs, wallMs: untilMs };
  }

  answer(hostId: string, verdict: ConfirmVerdict): void {
    const { message } = this.asked.find((each) => each.hostId === hostId)!;
    this.accuser.answered(hostId, { kind: 'confirmed', probe: message.probe, verdict, generation, incarnation: 0 });
  }

  get liveness(): string {
    return this.context.liveness(suspect);
  }

  #next(untilMs: number): Timer | undefined {
    const at = this.#timers.findIndex(({ dueMs }) => dueMs <= untilMs);
    return at < 0 ? undefined : this.#timers.splice(at, 1)[0];
  }
}

describe('the word of a confirmer that comes after its time', () => {
  const accused = (): Bench => {
    const bench = new Bench();
    bench.accuser.accuse(suspect);
    bench.run(5_000);
    // Three, and whoever was left.
    expect(bench.asked.map(({ hostId }) => hostId).toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(bench.liveness).toBe('alive');
    return bench;
  };

  it('confirms all the same, whoever of both rounds it is', () => {
    for (const late of ['a', 'b', 'c', 'd']) {
      const bench = accused();
      bench.answer(late, 'unreachable');
      expect(bench.liveness).toBe('suspect');
    }
  });

  it('confirms also where all of the last round were not sure, and said so in time', () => {
    const bench = new Bench();
    bench.accuser.accuse(suspect);
    const [first] = bench.asked;
    while (bench.asked.length < 4) bench.run(10);
    bench.answer(bench.asked[3]!.hostId, 'unsure');
    bench.run(10_000);
    bench.answer(first!.hostId, 'unreachable');
    expect(bench.liveness).toBe('suspect');
  });

  it('confirms nothing once the suspect answered, has begun another life, or too long after', () => {
    const ends: readonly ((bench: Bench) => void)[] = [
      (bench) => bench.accuser.acquit(suspect),
      (bench) => bench.judge.appeared(suspect, generation + 1),
      (bench) => bench.run(15_000),
    ];
    for (const end of ends) {
      const bench = accused();
      end(bench);
      bench.answer('a', 'unreachable');
      expect(bench.liveness).toBe('alive');
    }
  });

  it('keeps nobody from being asked anew meanwhile', () => {
    const bench = accused();
    bench.accuser.accuse(suspect);
    expect(bench.asked).toHaveLength(7);
  });
});
