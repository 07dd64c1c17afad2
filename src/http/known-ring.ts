import { RingError } from '../base/error.ts';
import type { Router } from '../ring/router.ts';
import type { MemberView, NodePort, RingView } from './node-port.ts';

/** A member of the ring: an observer is none. */
export type RingMemberView = MemberView & { readonly state: NonNullable<MemberView['state']> };

/** What every answer about the ring is made from: one moment of a node that knows its ring. */
export interface KnownRing {
  readonly ring: RingView;
  readonly router: Router;
  /** Members without observers, ascending by host id. */
  readonly members: readonly RingMemberView[];
}

/** The ring as the node knows it. Throws RingError UNAVAILABLE, saying what the node waits for, while it knows none. */
export function knownRing(port: NodePort): KnownRing {
  const ring = port.ring();
  if (ring === null) throw noRing(port);
  return { ring, router: knownRouter(port), members: port.members().filter(isMember) };
}

/** Its router alone, for what is asked with each request to the application: it looks at no member. Throws as `knownRing`. */
export function knownRouter(port: NodePort): Router {
  const router = port.router();
  if (router === null) throw noRing(port);
  return router;
}

function isMember(member: MemberView): member is RingMemberView {
  return member.state !== null;
}

function noRing(port: NodePort): RingError {
  const { waitingFor } = port.ready();
  const waits = waitingFor.length === 0 ? 'it is starting' : waitingFor.join('; ');
  return new RingError('UNAVAILABLE', `this node knows no ring yet: ${waits}`, {
    hint: 'Wait until /readyz answers 200, or ask another node.',
    details: { waitingFor: [...waitingFor] },
  });
}
