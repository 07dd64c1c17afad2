import type { HostId } from '../base/id.ts';
import { mergeRanges } from '../token/merge-ranges.ts';
import type { Token } from '../token/token.ts';
import type { TokenRange } from '../token/token-range.ts';
import { gainedBy, replicaChanges } from './replica-change.ts';
import { ReplicaTable } from './replica-table.ts';
import type { ReplicationStrategy } from './replication-strategy.ts';
import type { RingMember } from './ring-member.ts';
import { TokenMap } from './token-map.ts';

/** What is under way in a ring, as sets: more than the records allow at once, and all that gossip could claim. */
export interface RingTransitions {
  readonly leaving: ReadonlySet<HostId>;
  /** Who joins, with the tokens it will own; one who takes over tokens of an owner replaces it. */
  readonly joining: readonly RingMember[];
  /** Who moves → its new tokens. */
  readonly moving: ReadonlyMap<HostId, readonly Token[]>;
}

/**
 * Host → the ranges it must be written for besides those it replicates now; hosts without any are absent. Every joiner is
 * taken by itself, as if the others never came, and every mover too: too many targets of a write are safe, too few are not.
 * For what one operation at a time does, this is what `keyAccess` says at `begin`, and for several joiners a superset of it.
 * (Cassandra: TokenMetadata.calculatePendingRanges)
 */
export function pendingRanges(
  owners: readonly RingMember[],
  transitions: RingTransitions,
  strategy: ReplicationStrategy,
): Map<HostId, TokenRange[]> {
  const { leaving, joining, moving } = transitions;
  const tableOf = (members: readonly RingMember[]): ReplicaTable => new ReplicaTable(TokenMap.of(members, 0), strategy);
  const now = tableOf(owners);
  const pending = new Map<HostId, TokenRange[]>();
  const addGains = (members: readonly RingMember[], counts: (hostId: HostId) => boolean): void => {
    for (const { range, before, after } of replicaChanges(now, tableOf(members))) {
      for (const { hostId } of gainedBy(before, after)) {
        if (counts(hostId)) pending.set(hostId, [...(pending.get(hostId) ?? []), range]);
      }
    }
  };
  let left = owners.filter(({ hostId }) => !leaving.has(hostId));
  if (leaving.size > 0) addGains(left, () => true);
  for (const joiner of joining) addGains(withTokens(left, joiner), (hostId) => hostId === joiner.hostId);
  for (const [mover, tokens] of moving) {
    const seated = left.find(({ hostId }) => hostId === mover);
    if (seated === undefined) continue;
    left = left.filter((each) => each !== seated);
    addGains([...left, { ...seated, tokens }], () => true);
  }
  return new Map([...pending].sort().map(([hostId, ranges]) => [hostId, mergeRanges(ranges)]));
}

/** The owners with a joiner among them, who takes the tokens that it shares with any of them. */
function withTokens(owners: readonly RingMember[], joiner: RingMember): RingMember[] {
  const taken = new Set(joiner.tokens);
  return [...owners.map((owner) => ({ ...owner, tokens: owner.tokens.filter((token) => !taken.has(token)) })), joiner];
}
