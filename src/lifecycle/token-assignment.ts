import type { HostId } from '../base/id.ts';
import type { RecordSubject } from '../epoch/ring-record.ts';
import type { RingState } from '../epoch/ring-state.ts';
import { type DatacenterReplication, overRacks } from '../ring/most-replicated.ts';
import type { Token } from '../token/token.ts';
import { allocateTokens, allocationWork, type TokenOwner } from '../token/token-allocator.ts';
import { ownedTokens } from './bootstrap.ts';
import type { LifecycleLog } from './lifecycle-log.ts';

/** The work of one `begin`, some tenths of a second: it is one step of the core, in which nothing else happens. */
const maxWork = 2 ** 19;

/** What the choice of tokens must know that the records do not say. */
export interface TokenPlaces extends LifecycleLog {
  placeOf(hostId: HostId): { readonly datacenter: string; readonly rack: string };
  /** The most replicas that a keyspace has in this datacenter, and whether they are spread over racks. */
  replicationIn(datacenter: string): DatacenterReplication;
}

/** Who joins: with tokens that it insists on and that are free, or with a number of them. */
export interface Joiner {
  readonly hostId: HostId;
  readonly tokens: readonly Token[];
  readonly count: number;
}

/**
 * The tokens of joiners, one joiner after the other in the given order, each beside those before it: so none are chosen
 * twice. As many joiners as one step allows, at least one. Racks that are too few for the replicas never block a join: it
 * is then allocated without them, and the log says so.
 */
export function assignTokens(joiners: readonly Joiner[], state: RingState, places: TokenPlaces): RecordSubject[] {
  const taken = ownedTokens(state, null);
  for (const { tokens } of joiners) for (const token of tokens) taken.add(token);
  const owners: (TokenOwner & { readonly datacenter: string })[] = [...state.members.values()].map((member) => ({
    hostId: member.hostId,
    tokens: member.tokens,
    ...places.placeOf(member.hostId),
  }));
  const subjects: RecordSubject[] = [];
  let work = 0;
  for (const joiner of joiners) {
    const place = places.placeOf(joiner.hostId);
    let { tokens } = joiner;
    if (tokens.length === 0) {
      const near = owners.filter(({ datacenter }) => datacenter === place.datacenter);
      work += allocationWork(near, joiner.count);
      if (work > maxWork && subjects.length > 0) break;
      tokens = allocated(joiner, place, near, taken, places);
      for (const token of tokens) taken.add(token);
    }
    owners.push({ hostId: joiner.hostId, tokens, ...place });
    subjects.push({ hostId: joiner.hostId, tokens });
  }
  return subjects;
}

function allocated(
  { hostId, count }: Joiner,
  { datacenter, rack }: { readonly datacenter: string; readonly rack: string },
  owners: readonly TokenOwner[],
  taken: ReadonlySet<Token>,
  places: TokenPlaces,
): Token[] {
  const racks = new Set([rack, ...owners.map((owner) => owner.rack)]);
  const wanted = places.replicationIn(datacenter);
  const { replicationFactor, rackAware } = overRacks(wanted, racks);
  // While each host holds everything, racks make no difference yet.
  if (rackAware !== wanted.rackAware && owners.length >= replicationFactor) {
    places.log(
      'warn',
      'allocatedWithoutRacks',
      `the tokens of ${hostId} are balanced without regard to racks: ${datacenter} has ${racks.size} racks for a replication factor of ${replicationFactor}; with one rack, or one for each replica, shares would be even`,
      { hostId, datacenter, racks: racks.size, replicationFactor },
    );
  }
  return allocateTokens({
    owners,
    newcomer: { hostId, rack },
    count,
    replicationFactor,
    rackAware,
    isTaken: (token) => taken.has(token),
  });
}
