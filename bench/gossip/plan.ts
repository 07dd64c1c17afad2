import { course, lossySpread } from './course-part.ts';
import { faultyLinks, lossy, oneWayLinks, stalls } from './endurance-part.ts';
import { forged } from './forgery-part.ts';
import type { Part } from './part.ts';
import { sockets } from './sockets-part.ts';
import { exchanges } from './style-part.ts';

/** Every cell of the table for clusters of these sizes, in the order in which the page shows them. */
export function partsOf(sizes: readonly number[], quick: boolean): Part[] {
  const parts = sizes.flatMap((nodes) => [
    course(nodes, quick),
    lossySpread(nodes, quick),
    exchanges(nodes, 1, quick),
    exchanges(nodes, 3, quick),
    lossy(nodes, 0, true, quick),
    ...[0.05, 0.1, 0.2].flatMap((lossRatio) => [
      lossy(nodes, lossRatio, true, quick),
      lossy(nodes, lossRatio, false, quick),
    ]),
    stalls(nodes, 'once', quick),
    stalls(nodes, 'again', quick),
    // Nothing is asked of ten thousand nodes there.
    ...(nodes > 3_000 ? [] : [faultyLinks(nodes, quick), oneWayLinks(nodes, quick)]),
    forged(nodes, quick),
  ]);
  return [...parts, sockets(quick)] as Part[];
}
