import type { HostId } from '../base/id.ts';
import type { Now } from '../base/time.ts';
import type { DetectorMessage } from './detector-message.ts';
import type { DetectorTimer } from './detector-timer.ts';
import type { Evidence } from './evidence.ts';
import type { Liveness, LivenessClaim } from './liveness-claim.ts';

// The words of an opinion belong to this door.
export { type Liveness, livenessStates } from './liveness-claim.ts';

/** What a detector wants done, within the call in which it wants it. */
export interface DetectorEffects {
  /** Sends to a host; an answer to a message that is being received goes back the way that one came. */
  send(hostId: HostId, message: DetectorMessage, channel: 'datagram' | 'stream'): void;
  /** Gives the timer back after so long. Nothing is cancelled: a stale one is known by the mark that it carries. */
  schedule(timer: DetectorTimer, delayMs: number): void;
  /** The opinion about a host changed. Told after it did. */
  changed(hostId: HostId, liveness: Liveness): void;
  /**
   * A claim "dead" about a host stands in this generation, or (null) none does: what the liveness root sums up. Not the
   * opinion: that is `dead` too before the host has answered, and stays so while one claim takes the place of another.
   */
  deadClaim(hostId: HostId, generation: number | null): void;
  /** A claim is news, own or heard: it is to become a rumor. */
  tell(claim: LivenessClaim): void;
  /** `from` passed on a claim about this node that cannot be outbid by an incarnation: take a new generation. */
  selfClaim(claim: LivenessClaim, from: HostId): void;
  /** A host answers by stream only, several times running: an operator should look at the datagrams' way. */
  streamOnly(hostId: HostId): void;
}

/** A host and the generation (unix seconds) of it that gossip knows. */
export interface KnownHost {
  readonly hostId: HostId;
  readonly generation: number;
}

/**
 * Judges who is alive. Both detectors implement it; it is told what was heard and proves the rest itself. An unknown
 * host is `dead`. This node itself is never asked about. No method throws for what it is told.
 */
export interface FailureDetector {
  readonly kind: 'swim' | 'phi';
  /**
   * The node runs; `known` are those that its store or a shadow answer named. Once. `proven`: they are known to live, since
   * a simulated cluster begins in the middle of its life; a detector may take that as it is, and tell nothing of it.
   */
  begin(known: readonly KnownHost[], now: Now, effects: DetectorEffects, proven?: boolean): void;
  /** The host's state advanced, heard from it directly or from anybody. First contact included. */
  heard(host: KnownHost, now: Now, effects: DetectorEffects): void;
  /** A higher generation of the host was heard of: another process. Counts as heard. */
  restarted(host: KnownHost, now: Now, effects: DetectorEffects): void;
  /** A message of the detectors came from the host itself, authenticated. */
  receive(
    from: HostId,
    message: DetectorMessage,
    channel: 'datagram' | 'stream',
    now: Now,
    effects: DetectorEffects,
  ): void;
  /**
   * `from` passed on a claim: as a rumor, which is fresh, or in an exchange, which may be old. An old `dead` about a
   * host that is alive here is taken as a suspicion, so that the host may refute it.
   */
  claimed(from: HostId, claim: LivenessClaim, via: 'rumor' | 'exchange', now: Now, effects: DetectorEffects): void;
  /** The host announced a clean stop: dead at once, and until a higher generation. */
  left(host: KnownHost, now: Now, effects: DetectorEffects): void;
  /** Nothing is known of the host any more. Silent. */
  forget(hostId: HostId): void;
  /** Once each gossip interval. */
  tick(now: Now, effects: DetectorEffects): void;
  timer(timer: DetectorTimer, now: Now, effects: DetectorEffects): void;
  /** The driver's own loop did not run for so long: others were not heard because nobody listened. */
  stalled(forMs: number, now: Now): void;
  liveness(hostId: HostId): Liveness;
  /** How many hosts are not dead. */
  readonly aliveCount: number;
  /** The claims "dead" that stand, for exchanges: the same list until one of them moves. None where there are no claims. */
  deadClaims(): readonly LivenessClaim[];
  /** Suspicion level, where the detector has one; null otherwise and for a host never heard of. */
  phi(hostId: HostId, now: Now): number | null;
  /** Why the host is held for what it is. */
  evidence(hostId: HostId): Evidence;
}
