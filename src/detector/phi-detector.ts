import type { HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import { type Now, secondMs } from '../base/time.ts';
import { ArrivalWindow, type ArrivalWindowOptions } from './arrival-window.ts';
import type { DetectorMessage } from './detector-message.ts';
import type { Evidence } from './evidence.ts';
import type { DetectorEffects, FailureDetector, KnownHost, Liveness } from './failure-detector.ts';
import type { LivenessClaim } from './liveness-claim.ts';

/** A pause of the own loop beyond this convicts nobody, and nobody for as long after it. */
const minLocalPauseMs = 5 * secondMs;
/** How often a probe that nobody answered is sent again before the peer must be heard of first. */
const maxProbeRetries = 2;

export interface PhiDetectorOptions {
  /** Phi above which a peer is dead; above half of it, suspect. 8: about one false verdict in 10^8 intervals. */
  readonly threshold: number;
  /** How often `tick` is called and a heartbeat is due, in ms. Interval bounds and probe timeout are twice this. */
  readonly gossipIntervalMs: number;
  /** Numbers the probes. */
  readonly random: Random;
}

interface Probe {
  readonly number: number;
  readonly sentMs: number;
  readonly retriesLeft: number;
}

interface Peer {
  readonly hostId: HostId;
  readonly window: ArrivalWindow;
  liveness: Liveness;
  /** It announced its stop; only a higher generation brings it back. */
  left: boolean;
  /** The one probe in flight, while the peer is dead. */
  probe: Probe | null;
}

/**
 * Phi accrual (Cassandra's FailureDetector and Gossiper.markAlive). Silence convicts: a heartbeat, also by relay, keeps
 * an alive peer alive. Only a pong to a direct probe revives a dead one, because a relay proves nothing about the link
 * (CASSANDRA-6571); one probe a peer is in flight, and a lost one is repeated (CASSANDRA-18543).
 *
 * With threshold 8 and heartbeats each second silence convicts after 8 · ln 10 · 1 s = 18.4 s; the ceiling, before a
 * rhythm is known, is twice that. Unlike Cassandra a peer is suspect from half the threshold, and what it was before
 * is told only when it changes.
 */
export class PhiDetector implements FailureDetector {
  readonly kind = 'phi';
  readonly #threshold: number;
  readonly #random: Random;
  readonly #windowOptions: ArrivalWindowOptions;
  readonly #probeTimeoutMs: number;
  readonly #maxLocalPauseMs: number;
  readonly #peers = new Map<HostId, Peer>();
  #lastTickMs: number | null = null;
  /** Nobody is convicted before this. */
  #mercifulUntilMs = Number.NEGATIVE_INFINITY;

  constructor({ threshold, gossipIntervalMs, random }: PhiDetectorOptions) {
    this.#threshold = threshold;
    this.#random = random;
    this.#windowOptions = { size: 1_000, firstIntervalMs: 2 * gossipIntervalMs, maxIntervalMs: 2 * gossipIntervalMs };
    this.#probeTimeoutMs = 2 * gossipIntervalMs;
    this.#maxLocalPauseMs = Math.max(minLocalPauseMs, 3 * gossipIntervalMs);
  }

  /** Everybody is asked: nobody is alive before a pong. */
  begin(known: readonly KnownHost[], now: Now, effects: DetectorEffects): void {
    for (const host of known) this.heard(host, now, effects);
  }

  heard({ hostId }: Pick<KnownHost, 'hostId'>, now: Now, effects: DetectorEffects): void {
    const peer = this.#peerOf(hostId);
    peer.window.add(now.monotonicMs);
    if (peer.left) return;
    if (peer.liveness !== 'dead') this.#become(peer, 'alive', effects);
    else if (peer.probe === null) this.#ask(peer, maxProbeRetries, now, effects);
  }

  restarted(host: Pick<KnownHost, 'hostId'>, now: Now, effects: DetectorEffects): void {
    const peer = this.#peerOf(host.hostId);
    peer.left = false;
    if (peer.liveness === 'dead') peer.window.clear();
    this.heard(host, now, effects);
  }

  receive(from: HostId, message: DetectorMessage, _channel: unknown, now: Now, effects: DetectorEffects): void {
    if (message.kind === 'pong') this.pong(from, message.probe, now, effects);
  }

  /** Silence alone convicts: claims of others do not count. */
  claimed(): void {}

  /** A pong came from the host itself. */
  pong(hostId: HostId, probe: number, now: Now, effects: DetectorEffects): void {
    const peer = this.#peers.get(hostId);
    if (peer?.probe?.number !== probe) return;
    peer.probe = null;
    peer.window.touch(now.monotonicMs);
    this.#become(peer, 'alive', effects);
  }

  left({ hostId }: Pick<KnownHost, 'hostId'>, _now: Now, effects: DetectorEffects): void {
    const peer = this.#peerOf(hostId);
    peer.left = true;
    peer.probe = null;
    this.#become(peer, 'dead', effects);
  }

  forget(hostId: HostId): void {
    this.#peers.delete(hostId);
  }

  tick(now: Now, effects: DetectorEffects): void {
    const pausedMs = now.monotonicMs - (this.#lastTickMs ?? now.monotonicMs);
    this.#lastTickMs = now.monotonicMs;
    if (pausedMs > this.#maxLocalPauseMs) this.stalled(pausedMs, now);
    const merciful = now.monotonicMs < this.#mercifulUntilMs;
    for (const peer of this.#peers.values()) {
      if (peer.liveness === 'dead') this.#repeatProbe(peer, now, effects);
      else if (!merciful) this.#become(peer, this.#judge(peer, now), effects);
    }
  }

  /** It asks for none. */
  timer(): void {}

  /** Mercy lasts as long as the stall did, up to the longest local pause. */
  stalled(forMs: number, now: Now): void {
    const until = now.monotonicMs + Math.min(forMs, this.#maxLocalPauseMs);
    this.#mercifulUntilMs = Math.max(this.#mercifulUntilMs, until);
  }

  liveness(hostId: HostId): Liveness {
    return this.#peers.get(hostId)?.liveness ?? 'dead';
  }

  get aliveCount(): number {
    let alive = 0;
    for (const { liveness } of this.#peers.values()) if (liveness !== 'dead') alive++;
    return alive;
  }

  phi(hostId: HostId, now: Now): number | null {
    return this.#peers.get(hostId)?.window.phi(now.monotonicMs) ?? null;
  }

  deadClaims(): readonly LivenessClaim[] {
    return [];
  }

  /** Its whole evidence is phi: how long the host has been silent for its rhythm. */
  evidence(): Evidence {
    return { lastAck: null, findings: [] };
  }

  #peerOf(hostId: HostId): Peer {
    let peer = this.#peers.get(hostId);
    if (peer === undefined) {
      peer = { hostId, window: new ArrivalWindow(this.#windowOptions), liveness: 'dead', left: false, probe: null };
      this.#peers.set(hostId, peer);
    }
    return peer;
  }

  #judge(peer: Peer, now: Now): Liveness {
    const phi = peer.window.phi(now.monotonicMs) ?? 0;
    if (phi > this.#threshold) return 'dead';
    return phi > this.#threshold / 2 ? 'suspect' : 'alive';
  }

  #become(peer: Peer, liveness: Liveness, effects: DetectorEffects): void {
    if (peer.liveness === liveness) return;
    peer.liveness = liveness;
    effects.changed(peer.hostId, liveness);
  }

  #ask(peer: Peer, retriesLeft: number, now: Now, effects: DetectorEffects): void {
    const number = this.#random.uint32();
    peer.probe = { number, sentMs: now.monotonicMs, retriesLeft };
    effects.send(peer.hostId, { kind: 'ping', probe: number }, 'datagram');
  }

  #repeatProbe(peer: Peer, now: Now, effects: DetectorEffects): void {
    const { probe } = peer;
    if (probe === null || now.monotonicMs - probe.sentMs < this.#probeTimeoutMs) return;
    peer.probe = null;
    if (probe.retriesLeft > 0) this.#ask(peer, probe.retriesLeft - 1, now, effects);
  }
}
