import type { HostId } from '../base/id.ts';
import { tokenOf } from './murmur3-partitioner.ts';
import { maxToken, minToken, type Token } from './token.ts';
import { rangeShare, splitRange } from './token-range.ts';

/** So many turns of a comb are compared. */
const turns = 32;

interface Weighed {
  readonly tokens: readonly Token[];
}

/**
 * Evenly spaced tokens, in no order: those of the first host of a ring, or of a rack. Turned by the host id; where `others`
 * own tokens already, turned so that the ranges of all are as even as such tokens can make them. With as many racks as
 * replicas that turn makes no difference to replicated shares, but it does to keys with one replica.
 */
export function combTokens(hostId: HostId, count: number, others: readonly Weighed[]): Token[] {
  const whole = { left: minToken, right: maxToken };
  const turn = bestTurn(placeOf(tokenOf(hostId)), count, others);
  return Array.from({ length: count }, (_, index) => splitRange(whole, (index + turn) / count));
}

/** Where in the ring a token stands, 0 to 1. */
const placeOf = (token: Token): number => rangeShare({ left: minToken, right: token });

/** Of some turns from `start` on, each 0 to 1, the one that makes Σ share² / weight least; the first of equal ones. */
function bestTurn(start: number, count: number, others: readonly Weighed[]): number {
  if (others.length === 0) return start;
  const stands = others
    .flatMap(({ tokens }, owner) => tokens.map((token) => ({ owner, place: placeOf(token) })))
    .sort((left, right) => left.place - right.place);
  let best = start;
  let leastCost = Number.POSITIVE_INFINITY;
  for (let step = 0; step < turns; step++) {
    const turn = (start + step / turns) % 1;
    const teeth = Array.from({ length: count }, (_, index) => ({
      owner: others.length,
      place: (index + turn) / count,
    }));
    const all = [...stands, ...teeth].sort((left, right) => left.place - right.place);
    const shares = new Float64Array(others.length + 1);
    for (const [at, { owner, place }] of all.entries()) {
      shares[owner]! += at === 0 ? place + 1 - all.at(-1)!.place : place - all[at - 1]!.place;
    }
    const cost = shares.reduce((sum, share, owner) => sum + share ** 2 / (others[owner]?.tokens.length ?? count), 0);
    if (cost >= leastCost) continue;
    leastCost = cost;
    best = turn;
  }
  return best;
}
