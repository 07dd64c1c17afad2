import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { KeyHasher } from '../token/key-hasher.ts';
import { tokenOfHalves } from '../token/murmur3-partitioner.ts';
import type { Token } from '../token/token.ts';
import type { KeyspaceAlteration } from './future-owners.ts';
import { type KeyAccess, keyAccess, type RingStep } from './key-access.ts';
import { describeRanges, effectiveOwnership, type ReplicatedRange, rawOwnership } from './ownership.ts';
import { ReplicaTable } from './replica-table.ts';
import { type ReplicationOptions, type ReplicationStrategy, replicationOf } from './replication-strategy.ts';
import type { RingMember } from './ring-member.ts';
import { SimpleStrategy } from './simple-strategy.ts';
import { TokenMap } from './token-map.ts';
import { unknownKeyspaceText } from './unknown-keyspace.ts';

/** All that a router answers from: one epoch of the ring and the keyspaces known with it. */
export interface RouterSource {
  /** The owners before the open operation; the owners, where none is open. */
  readonly natural: readonly RingMember[];
  /** The open operation, as far as routing goes; null when none is open. */
  readonly change: OpenChange | null;
  readonly epoch: number;
  readonly ringFingerprint: string;
  /** Keyspace → its replication map, before the open operation. */
  readonly keyspaces: ReadonlyMap<string, ReplicationOptions>;
  /** Where a plain `replication_factor` of NetworkTopologyStrategy replicates to. */
  readonly knownDatacenters: readonly string[];
}

/** What an open operation makes of the ring, and how far it has come. */
export interface OpenChange {
  readonly step: RingStep;
  /** The owners once it ends. */
  readonly future: readonly RingMember[];
  /** The keyspace whose replication it changes; null for most kinds. */
  readonly alter: KeyspaceAlteration | null;
}

/** Where a key belongs, and by which ring: whom to read, whom to write, and how many answers a quorum needs. */
export interface Route extends KeyAccess {
  readonly token: Token;
  /** Null: no keyspace was named, so there is one replica, the primary owner; no data is moved for it. */
  readonly keyspace: string | null;
  readonly epoch: number;
  readonly ringFingerprint: string;
}

/**
 * Replicas before and after the open operation (the same table twice where none is open), and the access for each pair of
 * ranges met so far.
 */
interface Tables {
  readonly natural: ReplicaTable;
  readonly future: ReplicaTable;
  /** Who is read: one of the two. */
  readonly read: ReplicaTable;
  readonly access: Map<number, KeyAccess>;
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

  /** The owners who are read, as a token map: those after the open operation once it stands at `switch`. */
  get tokenMap(): TokenMap {
    return this.#source.change?.step === 'switch' ? this.#futureMap : this.#naturalMap;
  }

  get #naturalMap(): TokenMap {
    this.#natural ??= TokenMap.of(this.#source.natural, this.epoch);
    return this.#natural;
  }

  get #futureMap(): TokenMap {
    const { change } = this.#source;
    if (change === null) return this.#naturalMap;
    this.#future ??= TokenMap.of(change.future, this.epoch);
    return this.#future;
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
   * The replicas of a key that are read, primary first, as a shared frozen array: what `route` says under `replicas`, without
   * allocating anything for a key that was met before or shares its range with one. Throws as `route` does.
   */
  replicasOf(key: string | Uint8Array, keyspace: string | null): readonly RingMember[] {
    const { read } = this.#tablesOf(keyspace);
    this.#hasher.hash(key);
    return read.at(read.map.indexFor(this.#hasher.token[0]!, this.#hasher.token[1]!));
  }

  /** The replicas of a token that are read, primary first. Throws RingError UNKNOWN_KEYSPACE. */
  replicasOfToken(token: Token, keyspace: string | null): readonly RingMember[] {
    const { read } = this.#tablesOf(keyspace);
    return read.at(read.map.indexForToken(token));
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

  /** Every range with the replicas that are read, ascending. Throws RingError UNKNOWN_KEYSPACE. */
  ranges(keyspace: string | null): ReplicatedRange[] {
    return describeRanges(this.#tablesOf(keyspace).read);
  }

  /**
   * Each member's share of the ring: effective under a keyspace's replication, raw (summing to 1) for null.
   * Throws RingError UNKNOWN_KEYSPACE.
   */
  ownership(keyspace: string | null): Map<HostId, number> {
    return keyspace === null ? rawOwnership(this.tokenMap) : effectiveOwnership(this.#tablesOf(keyspace).read);
  }

  /** The replication of a keyspace before the open operation; one replica for null. Throws RingError UNKNOWN_KEYSPACE. */
  strategyOf(keyspace: string | null): ReplicationStrategy {
    const { keyspaces, knownDatacenters } = this.#source;
    const options = keyspace === null ? null : keyspaces.get(keyspace);
    if (options === undefined) {
      throw new RingError('UNKNOWN_KEYSPACE', unknownKeyspaceText(keyspace, keyspaces), {
        hint: 'Name a keyspace of the schema, or none for one replica.',
      });
    }
    return options === null ? new SimpleStrategy(1) : replicationOf(options, knownDatacenters);
  }

  #routeHalves(tables: Tables, hi: number, lo: number, keyspace: string | null): Route {
    const { replicas, pending, writeReplicas, requiredReads, requiredWriteAcks } = this.#accessAt(tables, hi, lo);
    return {
      token: tokenOfHalves(hi, lo),
      keyspace,
      replicas,
      pending,
      writeReplicas,
      requiredReads,
      requiredWriteAcks,
      epoch: this.epoch,
      ringFingerprint: this.ringFingerprint,
    };
  }

  #accessAt({ natural, future, access }: Tables, hi: number, lo: number): KeyAccess {
    const naturalIndex = natural.map.indexFor(hi, lo);
    const futureIndex = future === natural ? naturalIndex : future.map.indexFor(hi, lo);
    const pair = naturalIndex * (future.map.size + 1) + futureIndex;
    let found = access.get(pair);
    if (found === undefined) {
      found = keyAccess(natural.at(naturalIndex), future.at(futureIndex), this.#source.change?.step ?? null);
      access.set(pair, found);
    }
    return found;
  }

  #tablesOf(keyspace: string | null): Tables {
    return this.#tables.get(keyspace) ?? this.#makeTables(keyspace);
  }

  #makeTables(keyspace: string | null): Tables {
    const { knownDatacenters, change } = this.#source;
    const strategy = this.strategyOf(keyspace);
    const altered = keyspace !== null && change?.alter?.keyspace === keyspace ? change.alter.replication : null;
    const natural = new ReplicaTable(this.#naturalMap, strategy);
    const future =
      change === null
        ? natural
        : new ReplicaTable(this.#futureMap, altered === null ? strategy : replicationOf(altered, knownDatacenters));
    const read = change?.step === 'switch' ? future : natural;
    const tables: Tables = { natural, future, read, access: new Map() };
    this.#tables.set(keyspace, tables);
    return tables;
  }
}
