import type { HostId } from '../base/id.ts';
import { untilTurnMs } from '../base/time.ts';
import type { DetectorTimer } from './detector-timer.ts';
import type { ProbeLedger } from './probe-ledger.ts';
import type { SwimContext } from './swim-context.ts';

/** How many probes in a row must fail before silence is taken for isolation. */
const isolatingFailures = 3;

/** A probe of the round robin. */
interface Attempt {
  readonly number: number;
  /** Which one of this node's it is. */
  readonly turn: number;
  readonly target: HostId;
  readonly startedMs: number;
  /** Reminds of the direct ack. */
  readonly direct: DetectorTimer;
  helpers: readonly HostId[];
  /** Helpers that sent anything at all. */
  readonly heard: HostId[];
}

/**
 * SWIM's probe (sections 3.1 and 4.3): each period the next member in a shuffled round robin; without a direct ack in time
 * k helpers and a stream try too; without any the target is handed to `failed`. One period in
 * (live + 1) / dead goes to a dead member as well, so that a partition of any length heals.
 */
export class Prober {
  readonly #context: SwimContext;
  readonly #ledger: ProbeLedger;
  readonly #failed: (target: HostId) => void;
  /** Few, and short-lived, hence no map. */
  readonly #attempts: Attempt[] = [];
  /** Which period is planned, and for when. */
  #period = 0;
  #periodDueMs = 0;
  /** Where in its periods this node probes; they are counted by the wall clock, so that all count alike. */
  #phaseMs = 0;
  #turns = 0;
  #heardMs = 0;
  #failuresInARow = 0;

  constructor(context: SwimContext, ledger: ProbeLedger, failed: (target: HostId) => void) {
    this.#context = context;
    this.#ledger = ledger;
    this.#failed = failed;
  }

  begin(): void {
    const { phase, timings } = this.#context;
    this.#heardMs = this.#context.nowMs;
    // Phases are spread, so that nodes started together do not probe together.
    this.#phaseMs = Math.floor(phase * timings.probePeriodMs);
    this.#plan(untilTurnMs(this.#context.now.wallMs, this.#phaseMs, timings.probePeriodMs, 0));
  }

  period(planned: number): void {
    if (planned !== this.#period) return;
    const { table, random, timings, health, now, nowMs, hostId, fastUntilMs, convalescent } = this.#context;
    const paceMs = convalescent || nowMs < fastUntilMs ? timings.fastPeriodMs : timings.probePeriodMs;
    // Stretched periods are counted as such: where all are slow they still probe each member once in one of them.
    const everyMs = convalescent ? paceMs : paceMs * health.multiplier;
    // A timer may fire a little early, or the period have changed: then this is already the one that begins next.
    this.#plan(convalescent ? everyMs : untilTurnMs(now.wallMs, this.#phaseMs, everyMs, everyMs / 2));
    this.#ledger.sweep();
    const live = table.size - table.deadCount;
    const dead = random.fraction() < table.deadCount / (live + 1) ? table.anyDead(random) : null;
    if (dead !== null) this.#ledger.send(dead);
    const period = Math.round((now.wallMs - this.#phaseMs) / everyMs);
    const target = table.probedIn(period, hostId) ?? (convalescent ? table.anyDead(random) : null);
    if (target === null) return;
    const number = this.#ledger.send(target);
    const direct = this.#context.schedule({ kind: 'direct', number }, this.#context.probeTimeoutMs);
    this.#attempts.push({ number, turn: ++this.#turns, target, startedMs: nowMs, direct, helpers: [], heard: [] });
  }

  /** This node has to find out soon whether it is well: what a slow one had planned is too late. */
  hurry(): void {
    const { nowMs, timings } = this.#context;
    if (this.#periodDueMs - nowMs > timings.fastPeriodMs) this.#plan(timings.fastPeriodMs);
  }

  /** No direct ack in time: helpers, the stream, and once more, for where packets are lost it was mostly just one. */
  directDue(number: number): void {
    const attempt = this.#attemptOf(number);
    if (attempt === undefined) return;
    const { table, random, timings, health, roundTrip } = this.#context;
    health.missed(attempt.turn);
    attempt.helpers = table.anyAlive(timings.helpers, attempt.target, random);
    for (const helper of attempt.helpers) {
      this.#context.send(helper, { kind: 'probeRequest', probe: number, target: attempt.target });
    }
    this.#ledger.again(number, attempt.target, 'datagram');
    this.#ledger.again(number, attempt.target, 'stream');
    const waitMs = this.#context.stretchedMs(Math.max(timings.indirectTimeoutMs, 4 * roundTrip.timeoutMs));
    this.#context.schedule({ kind: 'indirect', number }, waitMs);
  }

  /** Nobody reached it. */
  indirectDue(number: number): void {
    const attempt = this.#attemptOf(number);
    if (attempt === undefined) return;
    this.#end(attempt);
    const { target, startedMs, helpers, heard } = attempt;
    const { health, lagMs, nowMs } = this.#context;
    health.failed(helpers.length, heard.length);
    this.#context.found(target, {
      atMs: this.#context.wallMs,
      kind: 'unanswered',
      waitedMs: Math.round(nowMs - startedMs),
      helpersAsked: helpers.length,
      helpersHeard: heard.length,
      localHealth: health.score,
      lagMs: Math.round(lagMs),
    });
    this.#failuresInARow++;
    if (this.#isCutOff()) this.#isolate();
    if (!this.#context.isolated) this.#failed(target);
  }

  /** The target answered. */
  acked(number: number): void {
    const attempt = this.#attemptOf(number);
    if (attempt === undefined) return;
    this.#end(attempt);
    if (attempt.helpers.length === 0) this.#context.health.answered(attempt.turn);
  }

  /** A helper reached the target. True if that was asked for, and is news. */
  relayed(number: number, helper: HostId, target: HostId): boolean {
    const attempt = this.#attemptOf(number);
    if (attempt?.target !== target || !attempt.helpers.includes(helper)) return false;
    this.#end(attempt);
    this.#context.found(target, { atMs: this.#context.wallMs, kind: 'relayed', by: helper });
    return true;
  }

  nacked(number: number, helper: HostId): void {
    const attempt = this.#attemptOf(number);
    if (attempt?.helpers.includes(helper) && !attempt.heard.includes(helper)) attempt.heard.push(helper);
  }

  /** Somebody spoke to this node. */
  heard(): void {
    this.#heardMs = this.#context.nowMs;
    this.#failuresInARow = 0;
    if (this.#context.isolated) this.#setIsolated(false);
  }

  #attemptOf(number: number): Attempt | undefined {
    return this.#attempts.find((attempt) => attempt.number === number);
  }

  #end(attempt: Attempt): void {
    attempt.direct.over = true;
    this.#attempts.splice(this.#attempts.indexOf(attempt), 1);
  }

  #plan(delayMs: number): void {
    this.#periodDueMs = this.#context.nowMs + delayMs;
    this.#context.schedule({ kind: 'period', number: ++this.#period }, delayMs);
  }

  #isCutOff(): boolean {
    const { nowMs, timings } = this.#context;
    return this.#failuresInARow >= isolatingFailures && nowMs - this.#heardMs >= timings.isolationMs;
  }

  #isolate(): void {
    if (!this.#context.isolated) this.#setIsolated(true);
  }

  /** All who are alive by the claims go dark together, and come back together: nothing is known of any one of them. */
  #setIsolated(isolated: boolean): void {
    const { table, effects } = this.#context;
    this.#context.isolated = isolated;
    for (const hostId of [...table.hosts()]) {
      const liveness = table.liveness(hostId);
      if (liveness !== 'dead') effects.changed(hostId, isolated ? 'dead' : liveness);
    }
  }
}
