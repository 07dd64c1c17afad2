import type { HostId } from '../base/id.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';

/**
 * What was forgotten is barred for so many timeouts: by then everybody has forgotten it, and whoever still tells of it
 * was not cut off from it as this node was. For good it would also cost memory for each observer that ever was.
 */
const barredTimeouts = 4;

/**
 * Hosts that are in gossip and not in the records: they own nothing, and are forgotten when they have been silent for
 * `observerTimeoutMs`. What was forgotten does not come back by others' word for a while, only by its own.
 */
export class Observers {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  /** When each was last heard of. Every host in gossip that `#recorded` does not name stands here, and hardly anybody else. */
  readonly #heardMs = new Map<HostId, number>();
  /** The members by whom all hosts were last looked through. */
  #recorded: Membership['recorded'] | null = null;
  /** Generations that were forgotten, and until when they are barred, the oldest first; null while none was: every message asks. */
  #barred: Map<HostId, { readonly generation: number; readonly untilMs: number }> | null = null;

  constructor(context: NodeContext, membership: Membership) {
    this.#context = context;
    this.#membership = membership;
  }

  heard(hostId: HostId): void {
    if (!this.#membership.isMember(hostId)) this.#heardMs.set(hostId, this.#context.now.monotonicMs);
  }

  /** A host spoke for itself: whatever was forgotten of it, it lives. */
  spoke(hostId: HostId): void {
    this.#barred?.delete(hostId);
  }

  isBarred(hostId: HostId, generation: number): boolean {
    return !this.#membership.isMember(hostId) && generation <= (this.#barred?.get(hostId)?.generation ?? -1);
  }

  forgot(hostId: HostId): void {
    this.#heardMs.delete(hostId);
  }

  /** Hosts of gossip that are no members, and not called dead. */
  alive(): number {
    this.#follow();
    let alive = 0;
    for (const hostId of this.#heardMs.keys()) {
      if (!this.#membership.isMember(hostId) && this.#membership.liveness(hostId) !== 'dead') alive++;
    }
    return alive;
  }

  /** Who has been silent for too long, barred from now on. `probed`: no heartbeat tells that it lives, the detector does. */
  silent(probed: boolean): HostId[] {
    const { config, now, protocols } = this.#context;
    this.#follow();
    this.#lift();
    const silent: HostId[] = [];
    for (const [hostId, heardMs] of this.#heardMs) {
      if (this.#membership.isMember(hostId)) this.#heardMs.delete(hostId);
      else if (probed && this.#membership.liveness(hostId) !== 'dead') this.heard(hostId);
      else if (now.monotonicMs - heardMs >= config.observerTimeoutMs) silent.push(hostId);
    }
    for (const hostId of silent) this.#bar(hostId, protocols.gossiper.stateOf(hostId)?.generation ?? 0);
    return silent;
  }

  #bar(hostId: HostId, generation: number): void {
    const { config, now } = this.#context;
    this.#barred ??= new Map();
    // Set anew, so that the map's order is by time.
    this.#barred.delete(hostId);
    this.#barred.set(hostId, { generation, untilMs: now.monotonicMs + barredTimeouts * config.observerTimeoutMs });
  }

  #lift(): void {
    if (this.#barred === null) return;
    for (const [hostId, { untilMs }] of this.#barred) {
      if (untilMs > this.#context.now.monotonicMs) return;
      this.#barred.delete(hostId);
    }
  }

  /** Who was a member until now, such as a joiner whose begin was aborted, is an observer from now on. */
  #follow(): void {
    const { protocols, self } = this.#context;
    const { recorded } = this.#membership;
    if (recorded === this.#recorded) return;
    this.#recorded = recorded;
    for (const hostId of protocols.gossiper.strangersTo(recorded)) {
      if (hostId !== self.hostId && !this.#heardMs.has(hostId)) this.heard(hostId);
    }
  }
}
