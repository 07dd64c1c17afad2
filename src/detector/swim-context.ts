import type { HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import { dayMs, type Now, secondMs } from '../base/time.ts';
import type { SwimMessage } from './detector-message.ts';
import type { DetectorTimer, DetectorTimerFacts } from './detector-timer.ts';
import { EvidenceLog, type Finding } from './evidence.ts';
import type { DetectorEffects, Liveness } from './failure-detector.ts';
import { LocalHealth } from './local-health.ts';
import { type HostSlots, MemberTable } from './member-table.ts';
import { RoundTrip } from './round-trip.ts';
import type { SwimTimings } from './swim-options.ts';

export interface SwimOptions {
  /** This node. */
  readonly hostId: HostId;
  /** Its generation (unix seconds) as it is published: durable, and only ever raised. */
  readonly ownGeneration: () => number;
  readonly slots: HostSlots;
  readonly random: Random;
  readonly timings: SwimTimings;
  /** When in a period this node probes, 0 to 1. Given, so that a node's timers are due together and wake it once. */
  readonly phase: number;
}

/** What the parts of the SWIM detector share, and the `now` and `effects` of the call that runs. */
export class SwimContext {
  readonly hostId: HostId;
  readonly ownGeneration: () => number;
  readonly random: Random;
  readonly timings: SwimTimings;
  readonly phase: number;
  readonly table: MemberTable;
  readonly health = new LocalHealth();
  readonly roundTrip: RoundTrip;
  readonly evidence: EvidenceLog;
  now: Now = { monotonicMs: 0, wallMs: 0 };
  effects: DetectorEffects = silent;
  /** When any host's ack came last. */
  ackedMs = Number.NEGATIVE_INFINITY;
  /** How late the last timer came. */
  lagMs = 0;
  /** Probes are faster until then. */
  fastUntilMs = Number.NEGATIVE_INFINITY;
  /** Others accuse this node, and it cannot yet tell that they are wrong: it probes fast to find out. */
  convalescent = false;
  /** Nobody answers and nobody confirms: to this node all others are dead, and it says so to nobody. */
  isolated = false;

  constructor({ hostId, ownGeneration, slots, random, timings, phase }: SwimOptions) {
    this.hostId = hostId;
    this.ownGeneration = ownGeneration;
    this.random = random;
    this.timings = timings;
    this.phase = phase;
    this.table = new MemberTable(slots);
    this.evidence = new EvidenceLog(slots);
    this.roundTrip = new RoundTrip(timings.minProbeTimeoutMs, timings.maxProbeTimeoutMs);
  }

  get nowMs(): number {
    return this.now.monotonicMs;
  }

  get wallMs(): number {
    return this.now.wallMs;
  }

  /** The wait for a direct ack, this node's own slowness allowed for. */
  get probeTimeoutMs(): number {
    return this.stretchedMs(this.roundTrip.timeoutMs);
  }

  /** A wait that is so long where this node is well, its own slowness allowed for. */
  stretchedMs(wellMs: number): number {
    return Math.max(wellMs, Math.min(wellMs * this.health.multiplier, this.timings.maxStretchedMs));
  }

  /**
   * Whether a claim is about a generation that nobody can have yet, and is refused wherever it comes from. The generation
   * that is known stands, also where the local clock was set back behind it.
   */
  isAbsurd(generation: number, known: number): boolean {
    return generation > known && generation > (this.now.wallMs + dayMs) / secondMs;
  }

  liveness(hostId: HostId): Liveness {
    return this.isolated ? 'dead' : this.table.liveness(hostId);
  }

  send(hostId: HostId, message: SwimMessage, channel: 'datagram' | 'stream' = 'datagram'): void {
    this.effects.send(hostId, message, channel);
  }

  /** Returns the timer: whoever does not wait for it any more marks it as over. */
  schedule(timer: DetectorTimerFacts, delayMs: number): DetectorTimer {
    const due = dueAt(timer, this.nowMs + delayMs);
    this.effects.schedule(due, delayMs);
    return due;
  }

  found(hostId: HostId, finding: Finding): void {
    this.evidence.add(hostId, finding);
  }
}

/** A timer is made for one call, so its due time is written into it: a copy would cost as much as all else in a call. */
function dueAt(timer: DetectorTimerFacts, dueMs: number): DetectorTimer {
  (timer as { dueMs?: number }).dueMs = dueMs;
  return timer as DetectorTimer;
}

/** Before the first call: the detector never acts outside one. */
const silent: DetectorEffects = {
  send() {},
  schedule() {},
  changed() {},
  deadClaim() {},
  tell() {},
  selfClaim() {},
  streamOnly() {},
};
