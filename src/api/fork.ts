import Type, { type Static } from 'typebox';
import { AddressText, Epoch, Uuid } from './ring-terms.ts';
import { closed } from './shape.ts';

/**
 * Two different records for one epoch are known: both sides go on gossiping and routing, and refuse changes until an
 * operator adopts one lineage.
 */
export const Fork = closed({
  /** The first epoch that the two histories decide differently, as far as it is known. */
  epoch: Epoch,
  /** Lineage of this node, and of the other side. They can be equal: then a voter came back from an old copy. */
  lineage: Uuid,
  otherLineage: Uuid,
  /** Who holds the other history: addresses. */
  otherHolders: Type.Array(AddressText),
});
export type Fork = Static<typeof Fork>;
