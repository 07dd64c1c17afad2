import type { HostId } from '../base/id.ts';
import { shuffleFirst } from '../base/random.ts';
import type { Now } from '../base/time.ts';
import { Accuser } from './accuser.ts';
import { ClaimJudge } from './claim-judge.ts';
import { Confirmer } from './confirmer.ts';
import type { Claims, DetectorMessage, ProbeAck, SwimMessage } from './detector-message.ts';
import type { DetectorTimer } from './detector-timer.ts';
import type { Evidence } from './evidence.ts';
import type { DetectorEffects, FailureDetector, KnownHost } from './failure-detector.ts';
import { Helper } from './helper.ts';
import { Introductions, maxIntroductions } from './introductions.ts';
import type { Liveness, LivenessClaim } from './liveness-claim.ts';
import type { Life } from './member-state.ts';
import { ProbeLedger } from './probe-ledger.ts';
import { Prober } from './prober.ts';
import { SelfLife } from './self-life.ts';
import { SwimContext, type SwimOptions } from './swim-context.ts';

/** So many acks by stream in a row, and no datagram, are worth an operator's look. */
const streamOnlyAcks = 3;
/** After a stall what waits in the sockets is read before anybody is judged; no longer than this. */
const maxMercyMs = 2_000;

/**
 * SWIM (Das, Gupta, Motivala, DSN 2002) with Lifeguard (Dadgar, Phillips, Currey, 2017). On purpose unlike them: a
 * suspicion is confirmed before it is told (`accuser.ts`), `dead` can be refuted, probe timeouts follow measured round
 * trips, and a node that hears nobody takes itself for cut off and accuses nobody. Cost per node and period does not
 * depend on the number of members.
 */
export class SwimDetector implements FailureDetector {
  readonly kind = 'swim';
  readonly #context: SwimContext;
  readonly #self: SelfLife;
  readonly #judge: ClaimJudge;
  readonly #ledger: ProbeLedger;
  readonly #introductions: Introductions;
  readonly #prober: Prober;
  readonly #helper: Helper;
  readonly #accuser: Accuser;
  readonly #confirmer: Confirmer;
  /** Acks by stream in a row, of hosts whose last ack came by one; null while none ever did: every ack asks. */
  #streamAcks: Map<HostId, number> | null = null;
  #mercifulUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: SwimOptions) {
    const context = new SwimContext(options);
    this.#context = context;
    this.#self = new SelfLife(context);
    this.#judge = new ClaimJudge(context, (hostId) => {
      this.#ledger.again(this.#ledger.send(hostId), hostId, 'stream');
    });
    this.#ledger = new ProbeLedger(context, (hostId) => this.#judge.claimOf(hostId));
    this.#introductions = new Introductions(context, this.#ledger);
    this.#prober = new Prober(context, this.#ledger, (target) => this.#accuser.accuse(target));
    this.#helper = new Helper(context, this.#ledger);
    this.#accuser = new Accuser(context, this.#judge, this.#ledger);
    this.#confirmer = new Confirmer(context, this.#ledger, this.#self);
  }

  begin(known: readonly KnownHost[], now: Now, effects: DetectorEffects, proven = false): void {
    this.#enter(now, effects);
    if (proven) this.#context.table.fill(known);
    else for (const host of shuffleFirst([...known], maxIntroductions, this.#context.random)) this.#appeared(host);
    this.#prober.begin();
  }

  /** Relayed state is no proof of life: a host never heard of is asked. */
  heard(host: KnownHost, now: Now, effects: DetectorEffects): void {
    this.#enter(now, effects);
    this.#appeared(host);
  }

  restarted(host: KnownHost, now: Now, effects: DetectorEffects): void {
    this.heard(host, now, effects);
  }

  receive(
    from: HostId,
    message: DetectorMessage,
    channel: 'datagram' | 'stream',
    now: Now,
    effects: DetectorEffects,
  ): void {
    this.#enter(now, effects);
    if (message.kind === 'ping' || message.kind === 'pong') return;
    this.#prober.heard();
    this.#receive(from, message, channel);
  }

  claimed(from: HostId, claim: LivenessClaim, via: 'rumor' | 'exchange', now: Now, effects: DetectorEffects): void {
    this.#enter(now, effects);
    this.#claimed(from, claim, via);
  }

  left({ hostId, generation }: KnownHost, now: Now, effects: DetectorEffects): void {
    this.#enter(now, effects);
    this.#judge.left(hostId, generation);
    this.#accuser.acquit(hostId);
  }

  forget(hostId: HostId): void {
    this.#judge.forget(hostId);
    this.#accuser.acquit(hostId);
    this.#introductions.end(hostId);
    this.#context.evidence.forget(hostId);
    this.#streamAcks?.delete(hostId);
  }

  /** Its own timers drive it. */
  tick(): void {}

  timer(timer: DetectorTimer, now: Now, effects: DetectorEffects): void {
    this.#enter(now, effects);
    const lagMs = Math.max(0, now.monotonicMs - timer.dueMs);
    this.#context.lagMs = lagMs;
    if (lagMs >= this.#context.timings.lagMs) this.stalled(lagMs, now);
    const mercyMs = this.#mercifulUntilMs - now.monotonicMs;
    // Once: by then the sockets were read, and a loop that stands still again and again must judge at last.
    if (mercyMs > 0 && timer.kind !== 'period' && timer.spared !== true) {
      this.#context.schedule({ ...timer, spared: true }, mercyMs);
      return;
    }
    switch (timer.kind) {
      case 'period':
        // Reading it lets a new generation be told.
        void this.#self.incarnation;
        return this.#prober.period(timer.number);
      case 'introduction':
        return this.#introductions.due(timer.hostId, timer.number, timer.waitMs);
      case 'direct':
        return this.#prober.directDue(timer.number);
      case 'indirect':
        return this.#prober.indirectDue(timer.number);
      case 'nack':
        return this.#helper.nackDue(timer.number);
      case 'accusation':
        return this.#accuser.due(timer.number, timer.wait);
      case 'confirmation':
        return this.#confirmer.due(timer.number);
      case 'verdict':
        return this.#judge.verdict(timer.hostId, timer.startedMs, timer.asked);
    }
  }

  /** Doubts itself, and judges nobody until what waited meanwhile is read. */
  stalled(forMs: number, now: Now): void {
    // One stall makes many timers late; it counts once.
    if (now.monotonicMs >= this.#mercifulUntilMs) this.#context.health.lagged(forMs);
    const untilMs = now.monotonicMs + Math.min(forMs, maxMercyMs);
    this.#mercifulUntilMs = Math.max(this.#mercifulUntilMs, untilMs);
  }

  liveness(hostId: HostId): Liveness {
    return this.#context.liveness(hostId);
  }

  get aliveCount(): number {
    return this.#context.isolated ? 0 : this.#context.table.aliveCount;
  }

  deadClaims(): readonly LivenessClaim[] {
    return this.#judge.deadClaims();
  }

  phi(): null {
    return null;
  }

  evidence(hostId: HostId): Evidence {
    return this.#context.evidence.of(hostId);
  }

  /** This node's own Lifeguard score, 0 (well) to 8. */
  get localHealth(): number {
    return this.#context.health.score;
  }

  /** A host never heard of is dead until it answers, while not too many are; another process of a known one is alive. */
  #appeared({ hostId, generation }: KnownHost): void {
    const asks = !this.#context.table.has(hostId) && this.#introductions.hasRoom;
    this.#judge.appeared(hostId, generation, !asks);
    if (asks) this.#introductions.introduce(hostId);
  }

  #enter(now: Now, effects: DetectorEffects): void {
    this.#context.now = now;
    this.#context.effects = effects;
  }

  #receive(from: HostId, message: SwimMessage | Claims, channel: 'datagram' | 'stream'): void {
    switch (message.kind) {
      case 'probe':
        if (message.buddy !== null) this.#claimed(from, message.buddy, 'exchange');
        return this.#acknowledge(from, message.probe, channel);
      case 'probeAck':
        if (message.buddy !== null) this.#claimed(from, message.buddy, 'exchange');
        return this.#acked(from, message, channel);
      case 'probeRequest':
        return this.#helper.asked(from, message.probe, message.target);
      case 'probeRelay':
        if (this.#prober.relayed(message.probe, from, message.target)) this.#alive(message.target, message);
        return;
      case 'nack':
        return this.#prober.nacked(message.probe, from);
      case 'confirm':
        return this.#confirmer.asked(from, message);
      case 'claims':
        for (const claim of message.claims) this.#claimed(from, claim, 'exchange');
        return;
      case 'confirmed': {
        const alive = this.#accuser.answered(from, message);
        if (alive !== null) this.#alive(alive.suspect, alive.life);
        return;
      }
    }
  }

  #acknowledge(to: HostId, probe: number, channel: 'datagram' | 'stream'): void {
    const { generation, incarnation } = this.#self;
    const buddy = this.#judge.claimOf(to);
    this.#context.send(to, { kind: 'probeAck', probe, generation, incarnation, buddy }, channel);
  }

  #acked(from: HostId, ack: ProbeAck, channel: 'datagram' | 'stream'): void {
    const open = this.#ledger.close(ack.probe, from);
    if (open === null) return;
    const { evidence, roundTrip, nowMs } = this.#context;
    const roundTripMs = nowMs - open.sentMs;
    evidence.acked(from, nowMs, roundTripMs);
    this.#context.ackedMs = nowMs;
    if (channel === 'datagram') {
      roundTrip.sample(roundTripMs);
      this.#streamAcks?.delete(from);
    } else this.#ackedByStream(from);
    this.#alive(from, ack);
    // It was not told when it answered what is held against it now.
    if (!open.told && this.#judge.claimOf(from) !== null) this.#ledger.send(from);
    this.#prober.acked(ack.probe);
    this.#self.answered();
    this.#helper.acked(ack.probe, ack);
    this.#confirmer.acked(ack.probe, ack);
  }

  #ackedByStream(from: HostId): void {
    this.#streamAcks ??= new Map();
    const acks = (this.#streamAcks.get(from) ?? 0) + 1;
    this.#streamAcks.set(from, acks);
    this.#context.found(from, { atMs: this.#context.wallMs, kind: 'streamOnly' });
    if (acks === streamOnlyAcks) this.#context.effects.streamOnly(from);
  }

  #alive(hostId: HostId, { generation, incarnation }: Life): void {
    this.#judge.answered(hostId, { generation, incarnation });
    this.#introductions.end(hostId);
    this.#accuser.acquit(hostId);
  }

  #claimed(from: HostId, claim: LivenessClaim, via: 'rumor' | 'exchange'): void {
    if (claim.hostId === this.#context.hostId) {
      this.#self.claimed(claim, from);
      if (this.#context.convalescent) this.#prober.hurry();
      return;
    }
    const better = this.#judge.heard(claim, via);
    if (better !== null) this.#context.effects.send(from, { kind: 'claims', claims: [better] }, 'datagram');
  }
}
