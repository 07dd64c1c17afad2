import type { HostId } from '../base/id.ts';
import type { Token } from '../token/token.ts';
import type { RingMember } from './ring-member.ts';

/** Another replication of a keyspace that exists. */
export interface KeyspaceAlteration {
  readonly keyspace: string;
  /** In canonical form (`ReplicationStrategy.options`). */
  readonly replication: Readonly<Record<string, string>>;
}

/** The kinds of operation that change who owns or replicates what. */
export type RingOperationKind = 'bootstrap' | 'decommission' | 'move' | 'replace' | 'removenode' | 'alterReplication';

/** An operation, open or only thought of, as the placement of replicas sees it. */
export interface RingOperation {
  readonly kind: RingOperationKind;
  /** Whom it is about. `tokens`: of a `move` the new ones; of other kinds they are not looked at. */
  readonly subjects: readonly { readonly hostId: HostId; readonly tokens: readonly Token[] }[];
  /** `replace`: whose place the subject takes; else null. */
  readonly replaces: HostId | null;
  /** `alterReplication`: what it changes; else null. */
  readonly alter: KeyspaceAlteration | null;
}

/**
 * The owners once the operation ends. `members` are the owners now together with those who join or replace, these with the
 * tokens that they will own. The order of `members` is kept.
 */
export function futureOwners(members: readonly RingMember[], operation: RingOperation): RingMember[] {
  const { kind, subjects, replaces } = operation;
  switch (kind) {
    case 'bootstrap':
    case 'alterReplication':
      return [...members];
    case 'decommission':
    case 'removenode': {
      const leaving = new Set(subjects.map(({ hostId }) => hostId));
      return members.filter(({ hostId }) => !leaving.has(hostId));
    }
    case 'replace':
      return members.filter(({ hostId }) => hostId !== replaces);
    case 'move': {
      const moved = new Map(subjects.map(({ hostId, tokens }) => [hostId, tokens]));
      return members.map((member) => ({ ...member, tokens: moved.get(member.hostId) ?? member.tokens }));
    }
  }
}
