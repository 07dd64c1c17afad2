import Type, { type Static } from 'typebox';
import { Epoch, Uuid } from './ring-terms.ts';
import { closed } from './shape.ts';

/** A place in a history: after the record of `epoch`. Equal chain hashes, equal histories up to there. */
export const HistoryPosition = closed({ epoch: Epoch, lineage: Uuid, chainHash: Type.String() });

/**
 * Two histories that differ: both sides go on gossiping and routing, and refuse changes until an operator adopts one
 * lineage. The positions are of one epoch; the first record that differs may be earlier.
 */
export const Fork = closed({
  mine: HistoryPosition,
  theirs: HistoryPosition,
  /** Host id of who holds the other history. */
  witness: Uuid,
});
export type Fork = Static<typeof Fork>;
