import { maxToken, minToken, type Token } from '../../src/token/token.ts';
import { rangeShare, splitRange } from '../../src/token/token-range.ts';
import type { Allocate } from '../../test/token/growing-ring.ts';

/** Positions as fractions of the ring, which is exact enough to compare. */
interface Ring {
  readonly at: number[];
  readonly unit: number[];
  readonly group: number[];
  readonly units: number;
}

/**
 * Cassandra's TokenAllocation, written again after its source: with a rack for each replica NoReplicationTokenAllocator
 * over the own rack, else ReplicationAwareTokenAllocator. For hosts of equal weight.
 */
export const cassandraAllocation: Allocate = ({ owners, newcomer, count, replicationFactor, rackAware, isTaken }) => {
  const racks = new Set([newcomer, ...owners].map(({ rack }) => rack)).size;
  const grouped = rackAware && racks > 1 && replicationFactor > 1;
  const own = grouped && racks === replicationFactor ? owners.filter(({ rack }) => rack === newcomer.rack) : owners;
  const factor = own === owners ? replicationFactor : 1;
  const groups = new Map<string, number>();
  const groupOf = ({ hostId, rack }: { hostId: string; rack: string }): number => {
    const name = grouped && own === owners ? rack : hostId;
    return groups.get(name) ?? groups.set(name, groups.size).size - 1;
  };
  const tokens = own
    .flatMap((owner, unit) =>
      owner.tokens.map((token) => ({ at: rangeShare({ left: minToken, right: token }), unit, group: groupOf(owner) })),
    )
    .sort((left, right) => left.at - right.at);
  const ring = {
    at: tokens.map(({ at }) => at),
    unit: tokens.map(({ unit }) => unit),
    group: tokens.map(({ group }) => group),
    units: own.length,
  };
  const chosen =
    own.length < Math.max(factor, 1) || count > tokens.length
      ? splitLargest(ring, count)
      : factor === 1
        ? withoutReplication(ring, count)
        : withReplication(ring, groupOf(newcomer), count, factor);
  const taken = new Set<Token>();
  for (const at of chosen) {
    let token = splitRange({ left: minToken, right: maxToken }, at);
    while (isTaken(token) || taken.has(token)) token++;
    taken.add(token);
  }
  return [...taken];
};

const widthBefore = (at: readonly number[], index: number): number =>
  index > 0 ? at[index]! - at[index - 1]! : at[0]! - at.at(-1)! + 1;

/** ReplicationAwareTokenAllocator.generateSplits: the largest range, again and again, at 0.5528 to 0.6278 of it. */
function splitLargest(ring: Ring, count: number): number[] {
  const at = [...ring.at];
  const chosen: number[] = [];
  for (let given = 0; given < count; given++) {
    let largest = 0;
    for (let index = 1; index < at.length; index++) {
      if (widthBefore(at, index) > widthBefore(at, largest)) largest = index;
    }
    const ratio = 1 - 1 / Math.sqrt(5) + 0.075 * ((given * 0.618) % 1);
    const position = at.length === 0 ? ratio : (at[largest]! - widthBefore(at, largest) * (1 - ratio) + 1) % 1;
    chosen.push(position);
    at.push(position);
    at.sort((left, right) => left - right);
  }
  return chosen;
}

function withReplication(ring: Ring, group: number, count: number, factor: number): number[] {
  const { at, unit, group: groups } = ring;
  const optimum = factor / (at.length + count);
  const newcomer = ring.units;
  const owned = new Float64Array(ring.units + 1);
  const tokens = new Float64Array(ring.units + 1);
  tokens[newcomer] = count;
  for (const owner of unit) tokens[owner]!++;
  const candidates = at.map((position, index) => (position - widthBefore(at, index) / 2 + 1) % 1);
  /** The span that a token replicates: back to one of its own group, or to the one before which RF groups were met. */
  const span = (index: number, extra: { readonly index: number; readonly at: number } | null): number => {
    const met = new Set<number>();
    let walked = index;
    for (let step = 0; step < at.length; step++) {
      if (extra !== null && walked === extra.index) {
        met.add(group);
        if (groups[index] === group || met.size === factor) return distance(extra.at, at[index]!);
      }
      walked = walked === 0 ? at.length - 1 : walked - 1;
      met.add(groups[walked]!);
      if (groups[walked] === groups[index] || met.size === factor) return distance(at[walked]!, at[index]!);
    }
    return 1;
  };
  const ownSpan = (position: number, index: number): number => {
    const met = new Set<number>();
    for (let step = 1; step <= at.length; step++) {
      const walked = (index - step + at.length) % at.length;
      met.add(groups[walked]!);
      if (groups[walked] === group || met.size === factor) return distance(at[walked]!, position);
    }
    return 1;
  };
  for (let index = 0; index < at.length; index++) owned[unit[index]!]! += span(index, null);
  // The newcomer counts as if each token that is still missing had what a token should have.
  owned[newcomer] = count * optimum;
  const square = (value: number): number => value * value;
  const chosen: number[] = [];
  for (let given = 1; given <= count; given++) {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    let bestDeltas: Map<number, number> | null = null;
    for (const [candidate, position] of candidates.entries()) {
      let index = at.findIndex((other) => other >= position);
      if (index < 0) index = 0;
      const deltas = new Map<number, number>();
      const gained = ownSpan(position, index);
      let cost = square(gained - optimum) / square(count);
      deltas.set(newcomer, gained - optimum);
      const met = new Set<number>();
      for (let step = 0; step < at.length && met.size < factor; step++) {
        const token = (index + step) % at.length;
        const before = span(token, null);
        const after = span(token, { index, at: position });
        cost += (square(after - optimum) - square(before - optimum)) / square(count);
        deltas.set(unit[token]!, (deltas.get(unit[token]!) ?? 0) + after - before);
        met.add(groups[token]!);
      }
      for (const [owner, delta] of deltas) {
        const weight = owner === newcomer ? given / count : 1;
        const change =
          square((owned[owner]! + delta) / tokens[owner]! - optimum) - square(owned[owner]! / tokens[owner]! - optimum);
        cost += weight * change;
      }
      if (cost >= least) continue;
      least = cost;
      best = candidate;
      bestDeltas = deltas;
    }
    const position = candidates.splice(best, 1)[0]!;
    for (const [owner, delta] of bestDeltas!) owned[owner]! += delta;
    let index = at.findIndex((other) => other >= position);
    if (index < 0) index = at.length;
    at.splice(index, 0, position);
    unit.splice(index, 0, newcomer);
    groups.splice(index, 0, group);
    chosen.push(position);
  }
  return chosen;
}

const distance = (from: number, to: number): number => (to - from + 1) % 1 || 1;

function withoutReplication({ at, unit, units }: Ring, count: number): number[] {
  const ranges = Array.from({ length: units }, (): { width: number; end: number }[] => []);
  for (const [index, end] of at.entries()) ranges[unit[index]!]!.push({ width: widthBefore(at, index), end });
  const donors = ranges
    .map((owned) => ({
      owned: owned.sort((a, b) => b.width - a.width),
      sum: owned.reduce((all, r) => all + r.width, 0),
    }))
    .sort((left, right) => right.sum - left.sum);
  let sum = 0;
  let taken = 0;
  while (taken < Math.min(count, units) && donors[taken]!.sum > (sum + donors[taken]!.sum) / (taken + 2)) {
    sum += donors[taken++]!.sum;
    if (taken < units && donors[taken]!.sum <= sum / (taken + 1)) break;
  }
  const average = sum / (taken + 1);
  const chosen: number[] = [];
  for (let donor = 0; donor < taken; donor++) {
    const slices = Math.floor(count / taken) + (donor < count % taken ? 1 : 0);
    const spread = taken === 1 ? 0 : (1 - (2 * donor) / (taken - 1)) / (2 * count + 1);
    const excess = donors[donor]!.sum - average * (1 + spread);
    const biggest = donors[donor]!.owned.slice(0, slices);
    const all = biggest.reduce((whole, { width }) => whole + width, 0);
    const ratio = Math.min(0.9, Math.max(0.1, excess / all));
    for (const { width, end } of biggest) chosen.push((end - width * (1 - ratio) + 1) % 1);
  }
  while (chosen.length < count)
    chosen.push(...splitLargest({ at: [...at, ...chosen], unit: [], group: [], units: 0 }, 1));
  return chosen;
}
