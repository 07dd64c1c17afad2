import type { KeyspaceAlteration } from './future-owners.ts';
import { type ReplicaChange, replicaChanges } from './replica-change.ts';
import { ReplicaTable } from './replica-table.ts';
import { type ReplicationOptions, replicationOf } from './replication-strategy.ts';
import type { RingMember } from './ring-member.ts';
import { TokenMap } from './token-map.ts';

/** All that a change of the ring is made from. */
export interface RingChangeSource {
  /** The owners before. */
  readonly natural: readonly RingMember[];
  /** The owners after (`futureOwners`). */
  readonly future: readonly RingMember[];
  /** Keyspace → its replication map before. */
  readonly keyspaces: ReadonlyMap<string, ReplicationOptions>;
  /** What an `alterReplication` changes; null for all other operations. */
  readonly alter: KeyspaceAlteration | null;
  /** Where a plain `replication_factor` of NetworkTopologyStrategy replicates to. */
  readonly knownDatacenters: readonly string[];
}

/** What a change of the ring is to one keyspace. */
export interface KeyspaceChange {
  readonly keyspace: string;
  readonly before: ReplicaTable;
  readonly after: ReplicaTable;
  /** Empty where no replica changes. */
  readonly changes: readonly ReplicaChange[];
}

/**
 * The ring before and after an operation, open or only thought of: what barriers, range movements and plans are made from.
 * Immutable; what it is to each keyspace is computed once, when it is first asked for.
 */
export class RingChange {
  readonly #source: RingChangeSource;
  #byKeyspace: readonly KeyspaceChange[] | null = null;

  constructor(source: RingChangeSource) {
    this.#source = source;
  }

  /** The change keyspace by keyspace, ascending by name. Keyspaces that are replicated alike share their tables. */
  get byKeyspace(): readonly KeyspaceChange[] {
    this.#byKeyspace ??= keyspaceChanges(this.#source);
    return this.#byKeyspace;
  }
}

function keyspaceChanges(source: RingChangeSource): KeyspaceChange[] {
  const { keyspaces, alter, knownDatacenters } = source;
  if (keyspaces.size === 0) return [];
  const natural = TokenMap.of(source.natural, 0);
  const future = TokenMap.of(source.future, 0);
  const alike = new Map<string, Omit<KeyspaceChange, 'keyspace'>>();
  return [...keyspaces]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([keyspace, replication]) => {
      const old = replicationOf(replication, knownDatacenters);
      const next = alter?.keyspace === keyspace ? replicationOf(alter.replication, knownDatacenters) : old;
      const key = JSON.stringify([old.options, next.options]);
      let shared = alike.get(key);
      if (shared === undefined) {
        const before = new ReplicaTable(natural, old);
        const after = new ReplicaTable(future, next);
        shared = { before, after, changes: replicaChanges(before, after) };
        alike.set(key, shared);
      }
      return { keyspace, ...shared };
    });
}
