import type { HostId } from '../base/id.ts';
import { secondMs } from '../base/time.ts';
import type { Claims, DetectorMessage } from '../detector/detector-message.ts';
import type { DetectorTimer } from '../detector/detector-timer.ts';
import type { DetectorEffects, FailureDetector } from '../detector/failure-detector.ts';
import type { Liveness, LivenessClaim } from '../detector/liveness-claim.ts';
import { PhiDetector } from '../detector/phi-detector.ts';
import { SwimDetector } from '../detector/swim-detector.ts';
import { lanSwimTimings } from '../detector/swim-options.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { EndpointDirectory } from '../gossip/endpoint-directory.ts';
import type { StateChange } from '../gossip/gossiper.ts';
import { everythingOf } from '../gossip/take-deltas.ts';
import type { CopyGuard } from './copy-guard.ts';
import type { Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { Channel, SingleMessage } from './message.ts';
import type { NodeContext } from './node-context.ts';
import type { PeerKeeper } from './peer-keeper.ts';
import { shutdownStatus } from './self-state.ts';

/** Whoever is silent for so long may be suspected. */
const noticedStallMs = 2 * secondMs;

/** What the detector's verdicts set off, within the step in which they fall. */
export interface DetectorListener {
  /** The opinion about a host changed, after it did. */
  changed(hostId: HostId, liveness: Liveness): void;
  /** A claim is news: it is to become a rumor. */
  claim(claim: LivenessClaim): void;
}

/**
 * Joins the failure detector to the node: chooses it once the cluster is known, carries its messages and timers, feeds
 * it what gossip brings, and tells its verdicts. The detector is the cluster's, written in its record `found`.
 */
export class DetectorLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #copyGuard: CopyGuard;
  readonly #effects: DetectorEffects;
  readonly #directory: EndpointDirectory;
  /** Whose message is being handled, and how it came. */
  #asker: { readonly source: Source; readonly channel: Channel } | null = null;
  /** The claims "dead" as they were told last: many are told the same. */
  #deadClaims: Claims | null = null;
  #begun = false;

  constructor(options: {
    context: NodeContext;
    membership: Membership;
    copyGuard: CopyGuard;
    peers: PeerKeeper;
    directory: EndpointDirectory;
    listener: DetectorListener;
  }) {
    const { context, peers, listener } = options;
    this.#context = context;
    this.#membership = options.membership;
    this.#copyGuard = options.copyGuard;
    this.#directory = options.directory;
    this.#effects = {
      send: (hostId, message, channel) => this.#send(hostId, message, channel),
      schedule: (timer, delayMs) => context.effects.schedule({ kind: 'detector', timer }, delayMs),
      tell: (claim) => listener.claim(claim),
      deadClaim: (hostId, generation) => context.protocols.gossiper.roots.setDead(hostId, generation),
      changed: (hostId, liveness) => {
        peers.livenessChanged(hostId, liveness);
        context.effects.emit({ kind: 'liveness', hostId, liveness });
        listener.changed(hostId, liveness);
      },
      selfClaim: (claim, from) =>
        this.#copyGuard.claimed({
          from,
          generation: claim.generation,
          version: claim.incarnation,
          bootNonce: null,
          address: null,
        }),
      streamOnly: (hostId) =>
        context.log(
          'warn',
          'streamOnly',
          `${hostId} answers by TCP but not by UDP: look at firewalls and packet sizes on the way`,
          { hostId },
        ),
    };
  }

  /** The cluster is known, or its history moved: from now on its own detector judges. Without a history, the configured one. */
  follow(): void {
    const { config, protocols } = this.#context;
    const kind = this.#membership.state?.detector ?? config.detector;
    if (protocols.detector?.kind === kind) return;
    if (kind !== config.detector) {
      this.#context.log(
        'info',
        'detectorOfCluster',
        `this cluster judges by ${kind}, not by ${config.detector} as configured here`,
      );
    }
    protocols.detector = this.#make(kind);
    // A node that runs already asks everybody anew.
    if (this.#begun) this.#beginDetector();
  }

  /** The node runs: judges from now on, and probes whom it remembers; unless they are known to live, in the simulator. */
  begin(proven: boolean): void {
    this.follow();
    this.#begun = true;
    this.#beginDetector(proven);
  }

  tick(): void {
    this.#context.protocols.detector?.tick(this.#context.now, this.#effects);
  }

  timer(timer: DetectorTimer): void {
    this.#context.protocols.detector?.timer(timer, this.#context.now, this.#effects);
  }

  /** Gossip moved a host's state, its heartbeat at least. */
  heard({ hostId, kind, state }: StateChange): void {
    const { now, protocols } = this.#context;
    const { detector } = protocols;
    if (detector === null || !this.#begun) return;
    const host = { hostId, generation: state.generation };
    if (kind === 'restarted') detector.restarted(host, now, this.#effects);
    else detector.heard(host, now, this.#effects);
    if (kind !== 'heartbeat' && state.values.get(ApplicationState.status)?.value === shutdownStatus) {
      detector.left(host, now, this.#effects);
    }
  }

  /** A message of the detectors. Whoever asks is answered, whatever the own detector. */
  receive(from: Source, message: DetectorMessage, channel: Channel): void {
    if (message.kind === 'ping') {
      return this.#context.send(from.hostId, from.replyTo, { kind: 'pong', probe: message.probe }, channel);
    }
    if (message.kind === 'pong' && from.hostId === this.#context.self.hostId) {
      return this.#copyGuard.pong(from, message.probe);
    }
    if (message.kind === 'probe') this.#askStranger(from);
    this.#asker = { source: from, channel };
    this.#context.protocols.detector?.receive(from.hostId, message, channel, this.#context.now, this.#effects);
    this.#asker = null;
  }

  /** Claims came as rumors. */
  rumored(from: HostId, claims: readonly LivenessClaim[]): void {
    const { now, protocols } = this.#context;
    for (const claim of claims) protocols.detector?.claimed(from, claim, 'rumor', now, this.#effects);
  }

  /** The claims "dead" that stand here, for a node that may not know them. */
  deadClaims(): readonly SingleMessage[] {
    const claims = this.#context.protocols.detector?.deadClaims() ?? [];
    if (claims.length === 0) return [];
    if (claims !== this.#deadClaims?.claims) this.#deadClaims = { kind: 'claims', claims };
    return [this.#deadClaims];
  }

  /** A clean stop is believed at once, and until a higher generation. */
  goodbye(hostId: HostId, generation: number): void {
    const { now, protocols } = this.#context;
    const state = protocols.gossiper.stateOf(hostId);
    if (state === null || state.generation > generation) return;
    protocols.detector?.left({ hostId, generation: state.generation }, now, this.#effects);
  }

  stalled(forMs: number): void {
    // The others' evidence says only that it was silent; why, this node alone knows.
    if (forMs >= noticedStallMs) {
      const seconds = (forMs / secondMs).toFixed(1);
      const message = `this process stood still for ${seconds} s: the others may have held it for dead`;
      this.#context.log('warn', 'stalled', message, { forMs });
    }
    this.#context.protocols.detector?.stalled(forMs, this.#context.now);
  }

  forget(hostId: HostId): void {
    this.#context.protocols.detector?.forget(hostId);
  }

  /** Who probes knows this node, but not the other way round: its rumor was lost, and no root tells of an observer. */
  #askStranger({ hostId, replyTo }: Source): void {
    if (this.#context.protocols.gossiper.stateOf(hostId) !== null) return;
    this.#context.send(hostId, replyTo, { kind: 'ack', requests: [everythingOf(hostId)], deltas: [] });
  }

  #make(kind: 'phi' | 'swim'): FailureDetector {
    const { config, random, phase, self, protocols } = this.#context;
    switch (kind) {
      case 'phi':
        return new PhiDetector({ threshold: config.phiThreshold, gossipIntervalMs: config.gossipIntervalMs, random });
      case 'swim':
        return new SwimDetector({
          hostId: self.hostId,
          ownGeneration: () => protocols.gossiper.self.generation,
          slots: this.#directory,
          random,
          timings: lanSwimTimings,
          phase,
        });
    }
  }

  #beginDetector(proven = false): void {
    const { protocols, now } = this.#context;
    const known = protocols.gossiper.peers();
    protocols.detector?.begin(known, now, this.#effects, proven);
    if (proven) return;
    for (const { hostId, generation, values } of known) {
      if (values.get(ApplicationState.status)?.value !== shutdownStatus) continue;
      protocols.detector?.left({ hostId, generation }, now, this.#effects);
    }
  }

  /** An answer goes back the way that the question came; whoever asks may be a stranger whose address is not known. */
  #send(hostId: HostId, message: DetectorMessage, channel: Channel): void {
    const { source, channel: cameBy } = this.#asker ?? { source: null, channel: null };
    if (source?.hostId === hostId && cameBy === channel) {
      this.#context.send(hostId, source.replyTo, message, channel);
    } else this.#context.sendTo(hostId, message, channel);
  }
}
