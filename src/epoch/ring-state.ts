import { type HostId, isUuid } from '../base/id.ts';
import type { Token } from '../token/token.ts';
import type { OpenOperation, OwnershipState, RingSnapshot } from './ring-snapshot.ts';

/** A host that the records name, and what it owns (`joining`, `replacing`: will own). */
export interface RecordedMember {
  readonly hostId: HostId;
  readonly state: OwnershipState;
  readonly tokens: readonly Token[];
  /** Epoch of the last record that touched this member. */
  readonly sinceEpoch: number;
}

/**
 * The ring by its records alone: the fold of a history (`fold-record.ts`). Immutable and shared. Equal chain hash, equal
 * state, whatever way it was come by. Addresses, racks and liveness are other matters.
 *
 * Invariants: every token has one owner, but that a `replacing` member shares those of the host it replaces; at least one
 * voter that is not leaving; no host is both a member and removed; at most one operation is open.
 */
export interface RingState {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly detector: 'phi' | 'swim';
  readonly lineage: string;
  readonly epoch: number;
  readonly chainHash: string;
  readonly members: ReadonlyMap<HostId, RecordedMember>;
  readonly operation: OpenOperation | null;
  /** Hosts that may never come back, and the epoch that removed them. */
  readonly removed: ReadonlyMap<HostId, number>;
}

/**
 * True if the host votes on the next epoch: it owns tokens now, dead or alive. A joiner or a replacing node becomes a
 * voter at its `end`; a leaver, a mover, a node being replaced or removed stays one until then.
 */
export function isVoter(state: RingState, hostId: HostId): boolean {
  const member = state.members.get(hostId);
  return member !== undefined && owns(member);
}

/** All voters of the next epoch, ascending by host id. */
export function votersOf(state: RingState): HostId[] {
  const voters: HostId[] = [];
  for (const member of state.members.values()) if (owns(member)) voters.push(member.hostId);
  return voters.sort();
}

/** True if somebody owns the ring and stays: without one a departure could not end, and nobody would be read at its switch. */
export function ownerStays(members: Iterable<{ readonly state: OwnershipState }>): boolean {
  for (const member of members) if (owns(member) && member.state !== 'leaving') return true;
  return false;
}

/** How many of `voters` voters decide: any two such sets share a voter. 1→1, 2→2, 3→2, 4→3, 5→3. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** The state as plain data, for the wire and the store; members and removed hosts ascending by host id. */
export function snapshotOf(state: RingState): RingSnapshot {
  const byHostId = <T extends { readonly hostId: string }>(left: T, right: T): number =>
    left.hostId < right.hostId ? -1 : 1;
  return {
    ...state,
    members: [...state.members.values()].sort(byHostId),
    removed: [...state.removed].map(([hostId, epoch]) => ({ hostId, epoch })).sort(byHostId),
  };
}

/** The state that a snapshot describes, or null if the snapshot breaks an invariant: it may come from anywhere. */
export function stateOfSnapshot(snapshot: RingSnapshot): RingState | null {
  const members = new Map<HostId, RecordedMember>(snapshot.members.map((member) => [member.hostId, member]));
  const removed = new Map<HostId, number>(snapshot.removed.map(({ hostId, epoch }) => [hostId, epoch]));
  const owners = snapshot.members.filter(owns);
  const tokens = new Set(owners.flatMap((member) => member.tokens));
  const sound =
    Number.isSafeInteger(snapshot.epoch) &&
    snapshot.epoch >= 1 &&
    /^[0-9a-f]{32}$/.test(snapshot.chainHash) &&
    isUuid(snapshot.lineage) &&
    members.size === snapshot.members.length &&
    removed.size === snapshot.removed.length &&
    ownerStays(owners) &&
    tokens.size === owners.reduce((sum, member) => sum + member.tokens.length, 0) &&
    snapshot.removed.every(({ hostId }) => !members.has(hostId)) &&
    isSound(snapshot.operation, members);
  return sound ? { ...snapshot, members, removed } : null;
}

/** What the records to come read of the open operation is there. */
function isSound(open: OpenOperation | null, members: ReadonlyMap<HostId, RecordedMember>): boolean {
  if (open === null || open.kind === 'alterReplication') return true;
  const { kind, subjects, replaces } = open;
  return (kind === 'replace') === (replaces !== null) && subjects.every(({ hostId }) => members.has(hostId));
}

const owns = (member: { readonly state: OwnershipState }): boolean =>
  member.state !== 'joining' && member.state !== 'replacing';
