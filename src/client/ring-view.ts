import type { RingSnapshot, SnapshotMember } from '../api/ring-snapshot.ts';
import type { Liveness, MemberMode } from '../api/ring-terms.ts';
import { routerOf } from '../api/router-of.ts';
import type { HostId } from '../base/id.ts';
import type { Router } from '../ring/router.ts';

/**
 * What a snapshot is to a client that holds another one:
 * - `taken`: the same history at the same epoch or a later one, or another lineage (design section 6: a forced record
 *   starts one) that has come further.
 * - `older`: the same history at an earlier epoch. A client never goes back: the node that sent it is behind.
 * - `fork`: another lineage that has come no further. What is held stays; people decide with `ringctl ring adopt`.
 * - `otherCluster`: not this ring at all.
 */
export type SnapshotVerdict = 'taken' | 'older' | 'fork' | 'otherCluster';

/** The rule above, as a pure function. Equal epochs of one lineage are taken: addresses and liveness may be newer. */
export function judgeSnapshot(held: RingSnapshot | null, next: RingSnapshot): SnapshotVerdict {
  if (held === null) return 'taken';
  if (next.clusterId !== held.clusterId) return 'otherCluster';
  if (next.lineage === held.lineage) return next.epoch >= held.epoch ? 'taken' : 'older';
  return next.epoch > held.epoch ? 'taken' : 'fork';
}

/** One snapshot made ready for routing. The ring in it never changes; liveness moves on top of it. */
export class RingView {
  readonly snapshot: RingSnapshot;
  readonly router: Router;
  readonly members: ReadonlyMap<HostId, SnapshotMember>;
  readonly #liveness: Map<HostId, Liveness>;
  readonly #mode: Map<HostId, MemberMode>;

  /** Throws what `routerOf` throws for a snapshot that makes no ring. */
  constructor(snapshot: RingSnapshot) {
    this.snapshot = snapshot;
    this.router = routerOf(snapshot);
    this.members = new Map(snapshot.members.map((member) => [member.hostId, member]));
    this.#liveness = new Map(snapshot.members.map((member) => [member.hostId, member.liveness]));
    this.#mode = new Map(snapshot.members.map((member) => [member.hostId, member.mode]));
  }

  /** How a member was last seen; `dead` for a host that is no member. */
  livenessOf(hostId: HostId): Liveness {
    return this.#liveness.get(hostId) ?? 'dead';
  }

  /** How a member means to serve; `ok` for a host that is no member. */
  modeOf(hostId: HostId): MemberMode {
    return this.#mode.get(hostId) ?? 'ok';
  }

  /** Notes how a member is seen now. Answers whether that is news; a host that is no member never is. */
  noteLiveness(hostId: HostId, liveness: Liveness): boolean {
    const before = this.#liveness.get(hostId);
    if (before === undefined || before === liveness) return false;
    this.#liveness.set(hostId, liveness);
    // Who was away and is back serves again: no process begins drained.
    if (before === 'dead') this.#mode.set(hostId, 'ok');
    return true;
  }
}
