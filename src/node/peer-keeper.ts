import type { HostId } from '../base/id.ts';
import { minuteMs } from '../base/time.ts';
import { isBulkKey } from '../gossip/application-state.ts';
import type { StateChange } from '../gossip/gossiper.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';

/** How often the time a live peer was last seen is written down. */
const seenEveryMs = 10 * minuteMs;

/**
 * Keeps every member's last state on disk, dead or alive, so that a restart works when no seed is up. Observers are not
 * remembered: a failed join must leave no ghost (CASSANDRA-9180). Write-behind: losing the last second costs nothing.
 */
export class PeerKeeper {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #lastSeenMs = new Map<HostId, number>();
  readonly #kept = new Set<HostId>();
  #nextSweepMs = 0;

  constructor(context: NodeContext, membership: Membership) {
    this.#context = context;
    this.#membership = membership;
  }

  /** A peer that the store remembered. */
  remembered(hostId: HostId, lastSeenMs: number): void {
    this.#kept.add(hostId);
    this.#lastSeenMs.set(hostId, lastSeenMs);
  }

  lastSeenMs(hostId: HostId): number {
    return this.#membership.isAlive(hostId) ? this.#context.now.wallMs : (this.#lastSeenMs.get(hostId) ?? 0);
  }

  changed(change: StateChange): void {
    if (change.kind === 'heartbeat') return;
    if (change.kind === 'updated' && change.keys.every(isBulkKey)) return;
    this.#keep(change.hostId);
  }

  livenessChanged(hostId: HostId): void {
    this.#lastSeenMs.set(hostId, this.#context.now.wallMs);
    this.#keep(hostId);
  }

  /** The records moved: whoever became a member is kept from now on, whoever is none any more is dropped. */
  ringMoved(): void {
    for (const hostId of this.#kept) {
      if (this.#membership.isMember(hostId)) continue;
      this.#kept.delete(hostId);
      this.#lastSeenMs.delete(hostId);
      this.#context.effects.save({ kind: 'forgetPeer', hostId });
    }
    for (const hostId of this.#membership.state?.members.keys() ?? []) if (!this.#kept.has(hostId)) this.#keep(hostId);
  }

  tick(): void {
    if (this.#context.now.monotonicMs < this.#nextSweepMs) return;
    this.#nextSweepMs = this.#context.now.monotonicMs + seenEveryMs;
    for (const hostId of this.#kept) if (this.#membership.isAlive(hostId)) this.#keep(hostId);
  }

  #keep(hostId: HostId): void {
    const address = this.#context.addressOf(hostId);
    if (hostId === this.#context.self.hostId || address === null || !this.#membership.isMember(hostId)) return;
    this.#kept.add(hostId);
    const states = this.#context.protocols.gossiper.wholeState(hostId);
    this.#context.effects.save({
      kind: 'peer',
      peer: { hostId, address, lastSeenMs: this.lastSeenMs(hostId), states },
    });
  }
}
