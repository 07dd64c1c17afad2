import { describe, expect, it } from 'vitest';
import type { Liveness } from '../../src/detector/liveness-claim.ts';
import type { Membership } from '../../src/node/membership.ts';
import type { NodeContext } from '../../src/node/node-context.ts';
import { Reach } from '../../src/node/reach.ts';

/** A node `self` among others, of whom it knows liveness and address. */
function reachOf(members: readonly string[]) {
  const liveness = new Map<string, Liveness>(members.map((hostId) => [hostId, 'alive']));
  const addresses = new Map<string, string>(members.map((hostId) => [hostId, `at-${hostId}`]));
  const recorded = new Map<string, unknown>(['self', ...members].map((hostId) => [hostId, null]));
  const context = {
    self: { hostId: 'self', address: 'at-self' },
    addressOf: (hostId: string) => addresses.get(hostId) ?? null,
    protocols: {
      detector: {
        get aliveCount() {
          return [...liveness.values()].filter((each) => each !== 'dead').length;
        },
      },
      gossiper: {
        get size() {
          return liveness.size + 1;
        },
        // Who moved away is still named where it was, and so is one that this node never heard of.
        hostsAt: (address: string) => [...members, 'stranger'].filter(() => address.startsWith('at-')),
      },
    },
  } as unknown as NodeContext;
  const membership = {
    recorded,
    liveness: (hostId: string) => liveness.get(hostId) ?? 'dead',
    isMember: (hostId: string) => recorded.has(hostId),
  } as unknown as Membership;
  return { reach: new Reach(context, membership), liveness, addresses, recorded };
}

describe('whom a node reaches', () => {
  it('tells whether any other member is dead, and whether any lives', () => {
    const { reach, liveness } = reachOf(['a', 'b']);
    expect([reach.hasLive(), reach.hasDead()]).toEqual([true, false]);
    liveness.set('a', 'dead');
    expect([reach.hasLive(), reach.hasDead()]).toEqual([true, true]);
    liveness.set('b', 'dead');
    expect([reach.hasLive(), reach.hasDead()]).toEqual([false, true]);
  });

  it('remembers a dead member, and looks for another once it is back', () => {
    const { reach, liveness } = reachOf(['a', 'b']);
    liveness.set('a', 'dead').set('b', 'dead');
    expect(reach.hasDead()).toBe(true);
    liveness.set('a', 'alive');
    expect(reach.hasDead()).toBe(true);
    liveness.set('b', 'suspect');
    expect(reach.hasDead()).toBe(false);
  });

  it('does not count the dead that were removed, nor members never heard of as alive', () => {
    const { reach, liveness, recorded } = reachOf(['a', 'b']);
    liveness.set('a', 'dead');
    expect(reach.hasDead()).toBe(true);
    recorded.delete('a');
    liveness.delete('a');
    expect(reach.hasDead()).toBe(false);
    recorded.set('c', null);
    expect(reach.hasDead()).toBe(true);
  });

  it('is led by an address to whoever lives there now, and to nobody who is dead or has moved away', () => {
    const { reach, liveness, addresses } = reachOf(['a', 'b']);
    expect([reach.leadsToLive('at-self'), reach.leadsToLive('at-a'), reach.leadsToLive('elsewhere')]).toEqual([
      true,
      true,
      false,
    ]);
    liveness.set('a', 'dead');
    expect(reach.leadsToLive('at-a')).toBe(false);
    addresses.set('b', 'at-a');
    expect([reach.leadsToLive('at-a'), reach.leadsToLive('at-b')]).toEqual([true, false]);
  });
});
