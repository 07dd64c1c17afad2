import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { KeyHasher } from '../token/key-hasher.ts';
import { tokenOfHalves } from '../token/murmur3-partitioner.ts';
import type { Token } from '../token/token.ts';
import { describeRanges, effectiveOwnership, type ReplicatedRange, rawOwnership } from './ownership.ts';
import { noReplicas, ReplicaTable } from './replica-table.ts';
import { type ReplicationOptions, replicationOf } from './replication-strategy.ts';
import type { RingMember } from './ring-member.ts';
import { SimpleStrategy } from './simple-strategy.ts';
import { TokenMap } from './token-map.ts';

/** All that a router answers from: one epoch of the ring and the keyspaces known with it. */
export interface RouterSource {
  /** The owners now. */
  readonly natural: readonly RingMember[];
  /** The owners once the open operation ends; null when none is open. */
  readonly future: readonly RingMember[] | null;
  readonly epoch: number;
  readonly ringFingerprint: string;
  /** Keyspace → its replication map. */
  readonly keyspaces: ReadonlyMap<string, ReplicationOptions>;
  /** Where a plain `replication_factor` of NetworkTopologyStrategy replicates to. */
  readonly knownDatacenters: readonly string[];
}

/** Where a key belongs, and by which ring. */
export interface Route {
  readonly token: Token;
  /** Null: no keyspace was named, so there is one replica, the primary owner. */
  readonly keyspace: string | null;
  /** The natural replicas in Cassandra's order, the primary first: who is read, and written. */
  readonly replicas: readonly RingMember[];
  /** Who must be written besides, because the open operation makes it a replica. */
  readonly pending: readonly RingMember[];
  readonly epoch: number;
  readonly ringFingerprint: string;
}

/** Replicas now, and once the open operation ends, with the pending ones of each pair of ranges met so far. */
interface Tables {
  readonly natural: ReplicaTable;
  readonly future: ReplicaTable | null;
  readonly pending: Map<number, readonly RingMember[]>;
}

/**
 * Leads keys to replicas by one ring: no I/O, no clock. Nothing that it answers ever changes; a change of the ring or of
 * the schema is a new router. Maps and tables are made when first needed.
 */
export class Router {
  readonly epoch: number;
  readonly ringFingerprint: string;
  readonly #source: RouterSource;
  readonly #hasher = new KeyHasher();
  readonly #tables = new Map<string | null, Tables>();
  #natural: TokenMap | null = null;
  #future: TokenMap | null = null;

  constructor(source: RouterSource) {
    this.#source = source;
    this.epoch = source.epoch;
    this.ringFingerprint = source.ringFingerprint;
  }

  /** The owners now, as a token map. */
  get tokenMap(): TokenMap {
    this.#natural ??= TokenMap.of(this.#source.natural, this.epoch);
    return this.#natural;
  }

  /**
   * Where a key belongs. Throws RingError INVALID_KEY, or UNKNOWN_KEYSPACE naming the known ones. An empty ring has no
   * replicas.
   */
  route(key: string | Uint8Array, keyspace: string | null): Route {
    const tables = this.#tablesOf(keyspace);
    this.#hasher.hash(key);
    return this.#routeHalves(tables, this.#hasher.token[0]!, this.#hasher.token[1]!, keyspace);
  }

  /** `route` for a token. Throws RingError UNKNOWN_KEYSPACE. */
  routeToken(token: Token, keyspace: string | null): Route {
    const hi = Number(BigInt.asIntN(32, token >> 32n));
    return this.#routeHalves(this.#tablesOf(keyspace), hi, Number(BigInt.asIntN(32, token)), keyspace);
  }

  /**
   * The natural replicas of a key, primary first, as a shared frozen array: what `route` says under `replicas`, without
   * allocating anything for a key that was met before or shares its range with one. Throws as `route` does.
   */
  replicasOf(key: string | Uint8Array, keyspace: string | null): readonly RingMember[] {
    const { natural } = this.#tablesOf(keyspace);
    this.#hasher.hash(key);
    return natural.at(natural.map.indexFor(this.#hasher.token[0]!, this.#hasher.token[1]!));
  }

  /** The natural replicas of a token, primary first. Throws RingError UNKNOWN_KEYSPACE. */
  replicasOfToken(token: Token, keyspace: string | null): readonly RingMember[] {
    const { natural } = this.#tablesOf(keyspace);
    return natural.at(natural.map.indexForToken(token));
  }

  /**
   * The keys by the host id of their first replica, each group in the order given. Throws as `route` does, and RingError
   * UNAVAILABLE if a key has no replica (an empty ring), so that no key is lost in silence.
   */
  groupByOwner<Key extends string | Uint8Array>(keys: Iterable<Key>, keyspace: string | null): Map<HostId, Key[]> {
    const groups = new Map<HostId, Key[]>();
    for (const key of keys) {
      const owner = this.replicasOf(key, keyspace)[0];
      if (owner === undefined) {
        throw new RingError('UNAVAILABLE', `got keys to group, but at epoch ${this.epoch} nobody owns any token`, {
          hint: 'Wait until a node is NORMAL in a datacenter that the keyspace replicates to.',
        });
      }
      const group = groups.get(owner.hostId);
      if (group === undefined) groups.set(owner.hostId, [key]);
      else group.push(key);
    }
    return groups;
  }

  /** Every range with its natural replicas, ascending. Throws RingError UNKNOWN_KEYSPACE. */
  ranges(keyspace: string | null): ReplicatedRange[] {
    return describeRanges(this.#tablesOf(keyspace).natural);
  }

  /**
   * Each member's share of the ring: effective under a keyspace's replication, raw (summing to 1) for null.
   * Throws RingError UNKNOWN_KEYSPACE.
   */
  ownership(keyspace: string | null): Map<HostId, number> {
    return keyspace === null ? rawOwnership(this.tokenMap) : effectiveOwnership(this.#tablesOf(keyspace).natural);
  }

  #routeHalves(tables: Tables, hi: number, lo: number, keyspace: string | null): Route {
    const index = tables.natural.map.indexFor(hi, lo);
    return {
      token: tokenOfHalves(hi, lo),
      keyspace,
      replicas: tables.natural.at(index),
      pending: pendingOf(tables, index, hi, lo),
      epoch: this.epoch,
      ringFingerprint: this.ringFingerprint,
    };
  }

  #tablesOf(keyspace: string | null): Tables {
    return this.#tables.get(keyspace) ?? this.#makeTables(keyspace);
  }

  #makeTables(keyspace: string | null): Tables {
    const { keyspaces, knownDatacenters, future } = this.#source;
    const options = keyspace === null ? null : keyspaces.get(keyspace);
    if (options === undefined) throw unknownKeyspace(keyspace, keyspaces);
    const strategy = options === null ? new SimpleStrategy(1) : replicationOf(options, knownDatacenters);
    if (future !== null) this.#future ??= TokenMap.of(future, this.epoch);
    const tables = {
      natural: new ReplicaTable(this.tokenMap, strategy),
      future: this.#future === null ? null : new ReplicaTable(this.#future, strategy),
      pending: new Map(),
    };
    this.#tables.set(keyspace, tables);
    return tables;
  }
}

function pendingOf(tables: Tables, naturalIndex: number, hi: number, lo: number): readonly RingMember[] {
  const { natural, future, pending } = tables;
  if (future === null) return noReplicas;
  const futureIndex = future.map.indexFor(hi, lo);
  const pair = naturalIndex * (future.map.size + 1) + futureIndex;
  let targets = pending.get(pair);
  if (targets === undefined) {
    const current = new Set(natural.at(naturalIndex).map((member) => member.hostId));
    const gained = future.at(futureIndex).filter((member) => !current.has(member.hostId));
    targets = gained.length === 0 ? noReplicas : Object.freeze(gained);
    pending.set(pair, targets);
  }
  return targets;
}

function unknownKeyspace(keyspace: string | null, known: ReadonlyMap<string, unknown>): RingError {
  const names = [...known.keys()].sort();
  return new RingError(
    'UNKNOWN_KEYSPACE',
    `got keyspace ${JSON.stringify(keyspace)}, expected one of: ${names.length === 0 ? '(none)' : names.join(', ')}`,
    { hint: 'Name a keyspace of the schema, or none for one replica.', details: { keyspaces: names } },
  );
}
