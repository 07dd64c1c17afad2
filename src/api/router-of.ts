import { RingError } from '../base/error.ts';
import type { RingMember } from '../ring/ring-member.ts';
import { Router } from '../ring/router.ts';
import { parseToken } from '../token/token.ts';
import type { RingChange, RingSnapshot } from './ring-snapshot.ts';

/**
 * The router that a snapshot describes: it routes exactly as the node that sent the snapshot.
 * Throws RingError INVALID_ARGUMENT for a snapshot that contradicts itself (a future owner that is no member, a host twice, a
 * bad token).
 */
export function routerOf(snapshot: RingSnapshot): Router {
  const members = new Map(snapshot.members.map((member) => [member.hostId, member]));
  const ringMember = ({ hostId, tokens }: RingSnapshot['members'][number] | FutureOwner): RingMember => {
    const member = members.get(hostId);
    if (member === undefined) {
      throw new RingError('INVALID_ARGUMENT', `got ${hostId} as a future owner, expected a member of the snapshot`);
    }
    return { hostId, datacenter: member.datacenter, rack: member.rack, tokens: tokens.map(parseToken) };
  };
  const { change } = snapshot;
  if (members.size < snapshot.members.length || (change !== null && countOf(change.future) < change.future.length)) {
    throw new RingError('INVALID_ARGUMENT', 'got a host twice, expected each member and future owner once');
  }
  return new Router({
    natural: snapshot.members.filter((member) => member.owner).map(ringMember),
    change: change === null ? null : { ...change, future: change.future.map(ringMember) },
    epoch: snapshot.epoch,
    ringFingerprint: snapshot.ringFingerprint,
    keyspaces: new Map(Object.entries(snapshot.keyspaces)),
    knownDatacenters: [...new Set(snapshot.members.map((member) => member.datacenter))].sort(),
  });
}

const countOf = (hosts: readonly FutureOwner[]): number => new Set(hosts.map(({ hostId }) => hostId)).size;

type FutureOwner = RingChange['future'][number];
