import type { HostId } from '../base/id.ts';
import type { Fork } from './epoch-effects.ts';
import type { HistoryPosition, Records } from './epoch-message.ts';
import { RingLog } from './ring-log.ts';

/**
 * The other history of a fork, gathered from its witness part by part beside this node's own, which stays in force until
 * the other has been read up to the point at which it is known to differ. What is not the next part is passed over.
 */
export class LineageAdoption {
  readonly witness: HostId;
  readonly log = new RingLog();
  readonly #theirs: HistoryPosition;

  constructor({ witness, theirs }: Fork) {
    this.witness = witness;
    this.#theirs = theirs;
  }

  /** True once the other history is whole. */
  take({ after, snapshot, records }: Records): boolean {
    if (this.log.state === null && snapshot !== null) this.log.fill(snapshot, []);
    const { epoch, chainHash } = this.log.position;
    if (after.epoch !== epoch || after.chainHash !== chainHash) return false;
    for (const record of records) if (this.log.append(record) !== null) return false;
    const reached = this.log.compare(this.#theirs);
    return reached === 'level' || reached === 'behind';
  }
}
