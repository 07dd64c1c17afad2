import { course } from './course-part.ts';
import { endurance } from './endurance-part.ts';
import { movingLoad } from './load-part.ts';
import { massCrash } from './mass-crash-part.ts';
import type { Part } from './part.ts';
import { sockets } from './sockets-part.ts';
import { speed } from './speed-part.ts';
import { exchanges } from './style-part.ts';

/** All worlds of the table for clusters of these sizes: to set one up costs minutes, so each shows what it can. */
export function partsOf(sizes: readonly number[], quick: boolean): Part[] {
  const parts = sizes.flatMap((nodes) => [
    course(nodes, quick),
    movingLoad(nodes, quick),
    massCrash(nodes, quick),
    exchanges(nodes, 1, quick),
    exchanges(nodes, 3, quick),
    endurance(nodes, quick),
    speed(nodes, quick),
  ]);
  return [...parts, sockets(quick)] as Part[];
}
