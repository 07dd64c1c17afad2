import type { HostId } from '../base/id.ts';
import type { DetectorEffects } from '../detector/failure-detector.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { StateChange } from '../gossip/gossiper.ts';
import type { CopyGuard } from './copy-guard.ts';
import type { Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import type { PeerKeeper } from './peer-keeper.ts';
import { shutdownStatus } from './self-state.ts';

/** Joins the failure detector to the node: carries its probes, feeds it what gossip brings, and tells its verdicts. */
export class DetectorLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #copyGuard: CopyGuard;
  readonly #effects: DetectorEffects;

  /** `cameAlive`: a host answered for itself; what it gossiped before is worth acting on now. */
  constructor(options: {
    context: NodeContext;
    membership: Membership;
    copyGuard: CopyGuard;
    peers: PeerKeeper;
    cameAlive: (hostId: HostId) => void;
  }) {
    const { context, peers, cameAlive } = options;
    this.#context = context;
    this.#membership = options.membership;
    this.#copyGuard = options.copyGuard;
    this.#effects = {
      ping: (hostId, probe) => context.sendTo(hostId, { kind: 'ping', probe }),
      changed: (hostId, liveness) => {
        peers.livenessChanged(hostId);
        context.effects.emit({ kind: 'liveness', hostId, liveness });
        if (liveness === 'alive') cameAlive(hostId);
      },
    };
  }

  tick(): void {
    this.#context.protocols.detector.tick(this.#context.now, this.#effects);
  }

  /** Probes everybody who is known but not alive: at a start from remembered peers, and after a shadow answer. */
  probeKnown(): void {
    const { protocols, now, self } = this.#context;
    for (const hostId of protocols.gossiper.hosts()) {
      if (hostId === self.hostId || this.#membership.isAlive(hostId)) continue;
      protocols.detector.heard(hostId, now, this.#effects);
    }
  }

  /** Gossip moved a host's state, its heartbeat at least. */
  heard({ hostId, kind, state }: StateChange): void {
    const { protocols, now } = this.#context;
    if (kind === 'restarted') protocols.detector.restarted(hostId, now, this.#effects);
    else protocols.detector.heard(hostId, now, this.#effects);
    if (kind !== 'heartbeat' && state.values.get(ApplicationState.status)?.value === shutdownStatus) {
      protocols.detector.left(hostId, now, this.#effects);
    }
  }

  pong(from: Source, probe: number): void {
    if (from.hostId === this.#context.self.hostId) this.#copyGuard.pong(from, probe);
    else this.#context.protocols.detector.pong(from.hostId, probe, this.#context.now, this.#effects);
  }

  /** A clean stop is believed at once, and until a higher generation. */
  goodbye(hostId: HostId, generation: number): void {
    const state = this.#context.protocols.gossiper.stateOf(hostId);
    if (state === null || state.generation > generation) return;
    this.#context.protocols.detector.left(hostId, this.#context.now, this.#effects);
  }

  stalled(forMs: number): void {
    this.#context.protocols.detector.stalled(forMs, this.#context.now);
  }

  forget(hostId: HostId): void {
    this.#context.protocols.detector.forget(hostId);
  }
}
