import type { HostId } from '../base/id.ts';

/** What is known of one seed address during the shadow round. */
export type SeedStanding =
  | { readonly kind: 'self' }
  | { readonly kind: 'waiting'; readonly hostId: HostId; readonly foundingSet: readonly HostId[] };

/**
 * The founding set: own host id and the ids that answered at the literal seeds, ascending. A node founds when every
 * literal seed reports this very set and its own id is the lowest. A node that no seed lists is in no other's set, so
 * the sets differ and it never founds; while a literal seed is silent nobody does.
 */
export function foundingSetOf(hostId: HostId, standings: readonly (SeedStanding | null)[]): HostId[] {
  const ids = new Set([hostId]);
  for (const standing of standings) if (standing?.kind === 'waiting') ids.add(standing.hostId);
  return [...ids].sort();
}
