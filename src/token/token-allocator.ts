import { InvariantViolation, RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { type AllocationOwner, AllocationRing } from './allocation-ring.ts';
import { tokenOf } from './murmur3-partitioner.ts';
import { compareTokens, maxToken, minToken, type Token } from './token.ts';
import { combTokens } from './token-comb.ts';
import { rangeShare } from './token-range.ts';

/** An owner of tokens within the newcomer's datacenter. Its weight is the number of its tokens. */
export interface TokenOwner {
  readonly hostId: HostId;
  readonly rack: string;
  readonly tokens: readonly Token[];
}

export interface AllocationRequest {
  /** Of the newcomer's datacenter alone, hosts that are still joining included. */
  readonly owners: readonly TokenOwner[];
  readonly newcomer: { readonly hostId: HostId; readonly rack: string };
  /** How many tokens, at least 1. */
  readonly count: number;
  /** Of the newcomer's datacenter, at least 1. */
  readonly replicationFactor: number;
  /** False: as if every host had a rack of its own. */
  readonly rackAware: boolean;
  /** Tokens that are owned in other datacenters, too, or spoken for. */
  readonly isTaken: (token: Token) => boolean;
}

/** A new token cuts off at least this part of a range, and leaves as much: smaller ranges serve nobody. */
const minRatio = 0.05;
/** Places that are compared for one token. In a larger ring every second one, every third one …: time stays bounded. */
const maxPlaces = 8_192;
/**
 * How much even ranges count beside even shares. Without it the widths drift apart until no choice is left (found by
 * measurement: bench/token/allocation.ts). One replica leaves less freedom, and there the shares need it.
 */
const evenness = { oneReplica: 0.16, more: 1.6 };

/** How much work an allocation is: about half a microsecond each. */
export function allocationWork(owners: readonly TokenOwner[], count: number): number {
  return (
    count *
    Math.min(
      maxPlaces,
      owners.reduce((sum, { tokens }) => sum + tokens.length, 0),
    )
  );
}

/** The first tokens of a ring, ascending: evenly spaced, turned by the host id. */
export function firstTokens(hostId: HostId, count: number): Token[] {
  const newcomer = { hostId, rack: '' };
  return allocateTokens({ owners: [], newcomer, count, replicationFactor: 1, rackAware: false, isTaken: () => false });
}

/**
 * Tokens for a newcomer, ascending, such that each owner's *replicated* share of the ring is near its weight's part,
 * where replicas are placed as NetworkTopologyStrategy and SimpleStrategy place them. A function of the request alone; among
 * places that are equally good the host id chooses. At once also the first tokens of a ring: evenly spaced.
 *
 * One token after another it takes the place which makes Σ share² / weight + evenness · Σ width² least, where the
 * newcomer's weight grows with its tokens. That sum is quadratic in the position within a range, so each range has one best
 * position in closed form (Cassandra's ReplicationAwareTokenAllocator looks at midpoints only). As there, a rack for each
 * replica means that only the newcomer's own rack matters, and more racks than replicas that racks are the groups.
 *
 * Throws RingError REFUSED if the newcomer is rack-aware and 1 < racks < RF, INVALID_ARGUMENT for a count or RF below 1.
 * (Cassandra: TokenAllocation, NoReplicationTokenAllocator)
 */
export function allocateTokens(request: AllocationRequest): Token[] {
  const { count, newcomer, isTaken } = request;
  demandPositive('count', count);
  demandPositive('replication factor', request.replicationFactor);
  const { owners, group, replicationFactor } = scopeOf(request);
  const ring = new AllocationRing(owners, { group, weight: count, tokens: [] }, replicationFactor, count);
  const rotation = rangeShare({ left: minToken, right: tokenOf(newcomer.hostId) });
  const chosen = new Set<Token>();
  const take = (wanted: Token): Token => {
    let token = wanted;
    while (token === minToken || chosen.has(token) || isTaken(token))
      token = token === maxToken ? minToken : token + 1n;
    chosen.add(token);
    return token;
  };
  if (ring.size === 0) {
    // The owners of other racks hold what they hold wherever these stand.
    for (const token of combTokens(newcomer.hostId, count, request.owners)) take(token);
  } else {
    const meanWeight = ring.weight.reduce((sum, weight) => sum + weight, 0) / ring.weight.length;
    const priceOfWidth = (replicationFactor === 1 ? evenness.oneReplica : evenness.more) / meanWeight;
    for (let given = 1; given <= count; given++) {
      ring.weight[ring.newcomer] = given;
      const { id, ratio } = bestPlace(ring, priceOfWidth, (rotation + given / count) % 1);
      ring.insert(id, take(ring.position(id, ratio)), ratio);
    }
  }
  return [...chosen].sort(compareTokens);
}

interface Scope {
  readonly owners: readonly AllocationOwner[];
  /** The newcomer's. */
  readonly group: string;
  readonly replicationFactor: number;
}

/** Whose shares the newcomer's tokens change, and what must differ between replicas. */
function scopeOf({ owners, newcomer, replicationFactor, rackAware }: AllocationRequest): Scope {
  const racks = new Set([newcomer, ...owners].map(({ rack }) => rack)).size;
  const byRack = rackAware && racks > 1 && replicationFactor > 1;
  if (byRack && racks < replicationFactor) {
    throw new RingError(
      'REFUSED',
      `got ${racks} racks for a replication factor of ${replicationFactor}, expected one rack or at least as many racks as replicas`,
      {
        hint: 'Add a rack, put all hosts into one, lower the factor, or allocate without regard to racks.',
        details: { racks, replicationFactor },
      },
    );
  }
  if (byRack && racks === replicationFactor) {
    return scope(
      owners.filter(({ rack }) => rack === newcomer.rack),
      newcomer,
      (host) => host.hostId,
      1,
    );
  }
  return scope(owners, newcomer, (host) => (byRack ? host.rack : host.hostId), replicationFactor);
}

function scope(
  owners: readonly TokenOwner[],
  newcomer: AllocationRequest['newcomer'],
  groupOf: (host: AllocationRequest['newcomer']) => string,
  replicationFactor: number,
): Scope {
  const group = groupOf(newcomer);
  const groups = new Set([group, ...owners.map(groupOf)]).size;
  return {
    owners: owners.map((owner) => ({ group: groupOf(owner), weight: owner.tokens.length, tokens: owner.tokens })),
    group,
    // Where every group holds everything, no choice would matter now; it is made for when there will be more of them.
    replicationFactor: Math.max(1, Math.min(replicationFactor, groups - 1)),
  };
}

interface Place {
  /** The token whose range is cut, and the part of it that the newcomer gets. */
  readonly id: number;
  readonly ratio: number;
}

/** `start`, 0 to 1: where in the ring's columns to begin. Of equally good places the first one met is taken. */
function bestPlace(ring: AllocationRing, priceOfWidth: number, start: number): Place {
  const stride = Math.ceil(ring.size / maxPlaces);
  let best: Place | null = null;
  let leastCost = Number.POSITIVE_INFINITY;
  let id = Math.floor(start * ring.size);
  for (let looked = 0; looked < ring.size; looked += stride, id = (id + stride) % ring.size) {
    if (!ring.measure(id)) continue;
    const ratio = bestRatio(ring, id, priceOfWidth);
    const cost = costOf(ring, id, ratio, priceOfWidth);
    if (cost >= leastCost) continue;
    leastCost = cost;
    best = { id, ratio };
  }
  if (best === null)
    throw new InvariantViolation(`no place for a token among ${ring.size}: the newcomer holds all ranges`);
  return best;
}

/** Where the cost of cutting the measured range is least: its derivative is linear in the width that is cut off. */
function bestRatio(ring: AllocationRing, id: number, priceOfWidth: number): number {
  const { share, weight, loss, newcomer, gain, ownRangeLoser: loser } = ring;
  const width = ring.width[id]!;
  if (loser < 0) return 0.5;
  const push = (share[loser]! - loss[loser]!) / weight[loser]! - (share[newcomer]! + gain) / weight[newcomer]!;
  const cut = (push + priceOfWidth * width) / (1 / weight[newcomer]! + 1 / weight[loser]! + 2 * priceOfWidth);
  return Math.min(1 - minRatio, Math.max(minRatio, cut / width));
}

/** By how much the sum of squares grows if the measured range is cut at `ratio`. */
function costOf(ring: AllocationRing, id: number, ratio: number, priceOfWidth: number): number {
  const { share, weight, loss, losers, newcomer, ownRangeLoser } = ring;
  const cut = ring.width[id]! * ratio;
  const gained = ring.gain + cut;
  let cost = (gained * (2 * share[newcomer]! + gained)) / weight[newcomer]!;
  for (const owner of losers) if (owner !== ownRangeLoser) cost += costOfLoss(ring, owner, loss[owner]!);
  if (ownRangeLoser >= 0) cost += costOfLoss(ring, ownRangeLoser, loss[ownRangeLoser]! + cut);
  return cost - 2 * priceOfWidth * cut * (ring.width[id]! - cut);
}

const costOfLoss = ({ share, weight }: AllocationRing, owner: number, lost: number): number =>
  (lost * (lost - 2 * share[owner]!)) / weight[owner]!;

function demandPositive(what: string, got: number): void {
  if (Number.isSafeInteger(got) && got > 0) return;
  throw new RingError(
    'INVALID_ARGUMENT',
    `got ${got} as the ${what} of an allocation, expected a whole number above 0`,
  );
}
