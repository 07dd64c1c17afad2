import { RingError } from '../base/error.ts';
import { NetworkTopologyStrategy } from './network-topology-strategy.ts';
import { SimpleStrategy } from './simple-strategy.ts';

/**
 * Where the replicas of a key stand. Immutable; knows nothing of any one ring until it walks one.
 * `options` is the canonical form of the keyspace's replication map, for storing, showing and hashing: keys ascending,
 * values as strings, the short class name, RF 0 left out, `replication_factor` expanded.
 * (Cassandra: AbstractReplicationStrategy)
 */
export type ReplicationStrategy = SimpleStrategy | NetworkTopologyStrategy;

/** A keyspace's replication as users and the schema write it: Cassandra's map. */
export type ReplicationOptions = Readonly<Record<string, string | number>>;

const packageOfCassandra = 'org.apache.cassandra.locator.';
const factorKey = 'replication_factor';
/**
 * Of each datacenter. What a change of the ring moves grows with the factor, and every member works its part out: a factor
 * of hundreds, which is a slip of the hand, would hold their loops for minutes.
 */
const maxFactor = 32;

/**
 * The strategy that a definition asks for, checked as Cassandra checks CREATE KEYSPACE. Accepts
 * {class: 'SimpleStrategy', replication_factor: n} and {class: 'NetworkTopologyStrategy', dc1: n, …}, class names also
 * with their package. For the latter a plain `replication_factor` stands for every known datacenter that is not named
 * itself. A factor is at most 32, and may exceed the number of hosts.
 *
 * `knownDatacenters` null: datacenters are not checked, and a plain `replication_factor` cannot be expanded.
 * Throws RingError INVALID_ARGUMENT, or UNKNOWN_DATACENTER for a name that is not among the known.
 */
export function parseReplication(
  options: ReplicationOptions,
  knownDatacenters: readonly string[] | null,
): ReplicationStrategy {
  const request = readOptions(options);
  if (request.kind === 'simple') return new SimpleStrategy(request.factor);
  if (knownDatacenters === null && request.everywhere !== null) {
    throw invalid(`got ${factorKey} for NetworkTopologyStrategy without knowing any datacenter to expand it to`);
  }
  for (const datacenter of request.factors.keys()) {
    if (knownDatacenters !== null && !knownDatacenters.includes(datacenter)) {
      throw new RingError(
        'UNKNOWN_DATACENTER',
        `got replication for datacenter ${JSON.stringify(datacenter)}, expected one of: ${listOf(knownDatacenters)}`,
        { hint: 'Name a datacenter that a member is in; names are case-sensitive.', details: { datacenter } },
      );
    }
  }
  const factors = expand(request, knownDatacenters ?? []);
  if (factors.size === 0) throw invalid('got NetworkTopologyStrategy without replicas in any datacenter');
  return new NetworkTopologyStrategy(factors);
}

/**
 * The strategy of a keyspace that exists already. Unlike a definition it may name datacenters that have gone: they are
 * passed over; and before any datacenter is known it has no replicas. Throws RingError INVALID_ARGUMENT for a map that no
 * definition could have had.
 */
export function replicationOf(options: ReplicationOptions, datacenters: readonly string[]): ReplicationStrategy {
  const request = readOptions(options);
  return request.kind === 'simple'
    ? new SimpleStrategy(request.factor)
    : new NetworkTopologyStrategy(expand(request, datacenters));
}

interface SimpleRequest {
  readonly kind: 'simple';
  readonly factor: number;
}

interface NetworkTopologyRequest {
  readonly kind: 'networkTopology';
  readonly factors: ReadonlyMap<string, number>;
  /** The factor of all datacenters that `factors` does not name; null if none was given. */
  readonly everywhere: number | null;
}

function expand(request: NetworkTopologyRequest, datacenters: readonly string[]): Map<string, number> {
  const factors = new Map(request.factors);
  for (const datacenter of datacenters) {
    if (request.everywhere !== null && !factors.has(datacenter)) factors.set(datacenter, request.everywhere);
  }
  // Only after the expansion: a datacenter set to 0 is named, and must not get the factor of all others.
  for (const [datacenter, factor] of factors) if (factor === 0) factors.delete(datacenter);
  return factors;
}

function readOptions(options: ReplicationOptions): SimpleRequest | NetworkTopologyRequest {
  const { class: className, ...rest } = options;
  const name = String(className);
  switch (name.startsWith(packageOfCassandra) ? name.slice(packageOfCassandra.length) : name) {
    case 'SimpleStrategy': {
      const unknown = Object.keys(rest).find((key) => key !== factorKey);
      if (unknown !== undefined) throw invalid(`got option ${JSON.stringify(unknown)} for SimpleStrategy`);
      if (rest[factorKey] === undefined) throw invalid(`got SimpleStrategy without ${factorKey}`);
      const factor = readFactor(factorKey, rest[factorKey]);
      if (factor === 0) throw invalid(`got ${factorKey} 0 for SimpleStrategy`);
      return { kind: 'simple', factor };
    }
    case 'NetworkTopologyStrategy': {
      const factors = new Map(Object.entries(rest).map(([key, value]) => [key, readFactor(key, value)]));
      const everywhere = factors.get(factorKey) ?? null;
      factors.delete(factorKey);
      return { kind: 'networkTopology', factors, everywhere };
    }
    default:
      throw invalid(`got replication class ${JSON.stringify(className)}`);
  }
}

function readFactor(key: string, value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,9}$/.test(text)) {
    throw invalid(`got ${JSON.stringify(value)} as the replication factor ${JSON.stringify(key)}`);
  }
  const factor = Number(text);
  if (factor > maxFactor) {
    throw new RingError('INVALID_ARGUMENT', `got ${factor} as ${JSON.stringify(key)}, expected at most ${maxFactor}`, {
      hint: 'Three or five replicas survive the loss of hosts; what every host needs is a document of the schema, or state.',
    });
  }
  return factor;
}

function invalid(got: string): RingError {
  return new RingError('INVALID_ARGUMENT', `${got}, expected a replication map as Cassandra has it`, {
    hint: 'Use {"class":"SimpleStrategy","replication_factor":3} or {"class":"NetworkTopologyStrategy","dc1":3}; factors are whole numbers.',
  });
}

const listOf = (names: readonly string[]): string => (names.length === 0 ? '(none)' : [...names].sort().join(', '));
