import type { HostId } from '../base/id.ts';
import type { RecordedMember } from '../epoch/ring-state.ts';
import { isBulkKey } from '../gossip/application-state.ts';
import type { StateChange } from '../gossip/gossiper.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import type { Liveness } from './node-event.ts';
import type { StoredPeer } from './store-record.ts';

const nobody: ReadonlyMap<HostId, RecordedMember> = new Map();

/**
 * Keeps every member's last state on disk, dead or alive, so that a restart works when no seed is up. Observers are not
 * remembered: a failed join must leave no ghost (CASSANDRA-9180). Write-behind: losing the last second costs nothing.
 *
 * It writes when a state changes and when a member dies, never because time passed: what a node writes does not grow with
 * the cluster while nothing happens. Nor does what it keeps in memory: who is kept follows from the records.
 */
export class PeerKeeper {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  /** What the store held at the start. */
  #remembered: readonly StoredPeer[] = [];
  /** When those who died since the start were last alive; and, once one of them is asked for, the remembered ones. */
  readonly #lastSeenMs = new Map<HostId, number>();
  #indexed = true;
  /** The members by whom the store was last put right. */
  #members: ReadonlyMap<HostId, RecordedMember> | null = null;

  constructor(context: NodeContext, membership: Membership) {
    this.#context = context;
    this.#membership = membership;
  }

  /** What the store remembers, at the start. `complete`: it is known to hold just the members, in the simulator. */
  remembered(peers: readonly StoredPeer[], complete: boolean): void {
    this.#remembered = peers;
    this.#indexed = false;
    if (complete) this.#members = this.#membership.state?.members ?? null;
  }

  changed(change: StateChange): void {
    if (change.kind === 'heartbeat') return;
    if (change.kind === 'updated' && change.keys.every(isBulkKey)) return;
    this.#keep(change.hostId);
  }

  livenessChanged(hostId: HostId, liveness: Liveness): void {
    if (liveness !== 'dead' || !this.#membership.isMember(hostId)) return;
    this.#lastSeenMs.set(hostId, this.#context.now.wallMs);
    this.#keep(hostId);
  }

  /** The records moved: whoever became a member is kept from now on, whoever is none any more is dropped. */
  ringMoved(): void {
    const members = this.#membership.state?.members ?? nobody;
    if (members === this.#members) return;
    const before = this.#members ?? new Map(this.#remembered.map(({ hostId }) => [hostId, null]));
    this.#members = members;
    for (const hostId of before.keys()) {
      if (members.has(hostId)) continue;
      this.#lastSeenMs.delete(hostId);
      this.#context.effects.save({ kind: 'forgetPeer', hostId });
    }
    for (const hostId of members.keys()) if (!before.has(hostId)) this.#keep(hostId);
  }

  #keep(hostId: HostId): void {
    const address = this.#context.addressOf(hostId);
    if (hostId === this.#context.self.hostId || address === null || !this.#membership.isMember(hostId)) return;
    const states = this.#context.protocols.gossiper.wholeState(hostId);
    this.#context.effects.save({
      kind: 'peer',
      peer: { hostId, address, lastSeenMs: this.#seenMs(hostId), states },
    });
  }

  #seenMs(hostId: HostId): number {
    if (this.#membership.isAlive(hostId)) return this.#context.now.wallMs;
    if (!this.#indexed && !this.#lastSeenMs.has(hostId)) {
      this.#indexed = true;
      for (const peer of this.#remembered) {
        if (!this.#lastSeenMs.has(peer.hostId)) this.#lastSeenMs.set(peer.hostId, peer.lastSeenMs);
      }
    }
    return this.#lastSeenMs.get(hostId) ?? 0;
  }
}
