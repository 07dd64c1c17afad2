import { mergeRanges } from '../token/merge-ranges.ts';
import type { Token } from '../token/token.ts';
import { rangeContains, type TokenRange } from '../token/token-range.ts';
import { replicaChanges } from './replica-change.ts';
import { ReplicaTable } from './replica-table.ts';
import type { ReplicationStrategy } from './replication-strategy.ts';
import type { RingMember } from './ring-member.ts';
import { TokenMap } from './token-map.ts';

/** So many operations are remembered one by one. What is older counts as having touched every key. */
const keptTouches = 32;

/** A record that changed whom keys are read from or written to. */
export interface RingTouch {
  readonly epoch: number;
  /** The steps of one operation follow one another and touch the same ranges. */
  readonly operationId: string;
  /** The keyspace whose replication changes with it: all of that one is touched. Else null. */
  readonly altered: string | null;
  /** False: where some of these owners stand is not known, so neither is what was touched. */
  readonly placesKnown: boolean;
  /** Owners that are read or written before the record or after it, every list of them. */
  readonly rings: readonly (readonly RingMember[])[];
}

interface KeptTouch extends RingTouch {
  /** By the strategy's canonical options, as they are asked for. */
  readonly ranges: Map<string, readonly TokenRange[]>;
}

/**
 * Which ranges had other replicas to read or to write after which record, so that a request routed by an older ring can be
 * told from one that it makes no difference to. Conservative: of what it cannot know, it says that it was touched.
 * Ranges are computed when first asked for.
 */
export class TouchedRanges {
  #knownSince: number;
  #touches: KeptTouch[] = [];

  /** `knownSince`: every record after this epoch will be noted; those up to it are not known. */
  constructor(knownSince: number) {
    this.#knownSince = knownSince;
  }

  /** Notes the next record, in the order of epochs. A further step of the newest operation takes the place of the last. */
  note(touch: RingTouch): void {
    const newest = this.#touches.at(-1);
    if (newest?.operationId === touch.operationId) {
      this.#touches[this.#touches.length - 1] = { ...newest, epoch: touch.epoch };
      return;
    }
    this.#touches.push({ ...touch, ranges: new Map() });
    if (this.#touches.length > keptTouches) this.#knownSince = this.#touches.shift()!.epoch;
  }

  /**
   * Epoch of the last record after `epoch` that touches a token of a keyspace (null: one replica), or null if none does. If
   * records after `epoch` are not known, that of the last of those.
   */
  touchedSince(epoch: number, token: Token, keyspace: string | null, strategy: ReplicationStrategy): number | null {
    for (let index = this.#touches.length - 1; index >= 0; index--) {
      const touch = this.#touches[index]!;
      if (touch.epoch <= epoch) return null;
      if (!touch.placesKnown || (keyspace !== null && touch.altered === keyspace)) return touch.epoch;
      if (rangesOf(touch, strategy).some((range) => rangeContains(range, token))) return touch.epoch;
    }
    return epoch < this.#knownSince ? this.#knownSince : null;
  }
}

function rangesOf({ rings, ranges }: KeptTouch, strategy: ReplicationStrategy): readonly TokenRange[] {
  const key = JSON.stringify(strategy.options);
  let touched = ranges.get(key);
  if (touched === undefined) {
    const [first, ...others] = rings.map((owners) => new ReplicaTable(TokenMap.of(owners, 0), strategy));
    const changes = first === undefined ? [] : others.flatMap((other) => replicaChanges(first, other));
    touched = mergeRanges(changes.map(({ range }) => range));
    ranges.set(key, touched);
  }
  return touched;
}
