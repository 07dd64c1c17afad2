import type { Seed } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';

/** Whom a running node reaches, observers aside. */
export interface Reach {
  /** Other members that are alive or suspect. */
  readonly alive: number;
  readonly dead: number;
  /** Some seed leads neither here nor to a host that is alive, by its name or by an address behind it. */
  readonly strangeSeed: boolean;
}

export function reachOf(context: NodeContext, membership: Membership, seeds: readonly Seed[]): Reach {
  const { self } = context;
  let alive = 0;
  let dead = 0;
  const known = new Set([self.address]);
  for (const hostId of membership.state?.members.keys() ?? []) {
    if (hostId === self.hostId) continue;
    if (membership.liveness(hostId) === 'dead') dead++;
    else {
      alive++;
      known.add(context.addressOf(hostId) ?? '');
    }
  }
  const strangeSeed = seeds.some((seed) => ![seed.name, ...seed.addresses].some((address) => known.has(address)));
  return { alive, dead, strangeSeed };
}
