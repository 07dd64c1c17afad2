import type { Fork } from '../../api/fork.ts';
import type { Liveness, MemberState } from '../../api/ring-terms.ts';

/** How nodetool names liveness and state: one letter in `status`, a word in `ring`. */
interface Words {
  readonly letter: string;
  readonly word: string;
}

/** A suspect is still routed to, but nobody can say that it is up: nodetool's `?`. */
export const livenessWords: Readonly<Record<Liveness, Words>> = {
  alive: { letter: 'U', word: 'Up' },
  suspect: { letter: '?', word: '?' },
  dead: { letter: 'D', word: 'Down' },
};

/** nodetool shows a replacing node as joining; one that is no owner any more has no letter there. */
export const stateWords: Readonly<Record<MemberState, Words>> = {
  normal: { letter: 'N', word: 'Normal' },
  leaving: { letter: 'L', word: 'Leaving' },
  joining: { letter: 'J', word: 'Joining' },
  replacing: { letter: 'J', word: 'Joining' },
  moving: { letter: 'M', word: 'Moving' },
  left: { letter: '-', word: 'Left' },
  removed: { letter: '-', word: 'Removed' },
};

/** A fork in one line. */
export function forkText({ mine, theirs, witness }: Fork): string {
  const here = `lineage ${mine.lineage} at epoch ${mine.epoch}`;
  return `the ring is forked: ${here} here, lineage ${theirs.lineage} at epoch ${theirs.epoch} at ${witness}`;
}
