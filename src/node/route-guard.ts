import { RingError } from '../base/error.ts';
import { foldRecord, isRefusal } from '../epoch/fold-record.ts';
import type { RingLog } from '../epoch/ring-log.ts';
import { type RingState, stateOfSnapshot } from '../epoch/ring-state.ts';
import type { ReplicationStrategy } from '../ring/replication-strategy.ts';
import type { RingMember } from '../ring/ring-member.ts';
import { TouchedRanges } from '../ring/touched-ranges.ts';
import type { Token } from '../token/token.ts';

/** What the guard must know of its node. */
export interface GuardedRing {
  readonly log: Pick<RingLog, 'position' | 'snapshot' | 'records' | 'recordsAfter'>;
  /** Every list of owners that is read or written by a state (those now, and once the open operation ends). */
  ownersOf(state: RingState): { readonly rings: (readonly RingMember[])[]; readonly placesKnown: boolean };
}

/** A key as a request names it, and the ring that the request was routed by. */
export interface GuardedKey {
  readonly token: Token;
  readonly keyspace: string | null;
  /** Asked for only where the ring is older. */
  readonly strategy: () => ReplicationStrategy;
  readonly epoch: number;
}

/**
 * Refuses requests that were routed by a ring older than the last record that touches their key (design of the three steps:
 * whoever acknowledged a step answers no more for the step before the last). Follows the log lazily, so that a node nobody
 * asks pays nothing.
 */
export class RouteGuard {
  readonly #ring: GuardedRing;
  #touched = new TouchedRanges(0);
  /** The fold up to which `#touched` knows; null before the first question, and after another history was adopted. */
  #state: RingState | null = null;

  constructor(ring: GuardedRing) {
    this.#ring = ring;
  }

  /**
   * Passes a request by a ring as new as this key needs, and one by a newer ring than this node knows: who sent it knows
   * better. Throws RingError STALE_ROUTE otherwise.
   */
  check({ token, keyspace, strategy, epoch }: GuardedKey): void {
    const { epoch: current, chainHash } = this.#ring.log.position;
    // Also for a request that is new enough: where a host that is just leaving stands, nobody may know later.
    if (this.#state?.chainHash !== chainHash) this.#follow();
    if (epoch >= current) return;
    const touchedAt = this.#touched.touchedSince(epoch, token, keyspace, strategy());
    if (touchedAt === null) return;
    throw new RingError(
      'STALE_ROUTE',
      `got a request routed by epoch ${epoch}, but the replicas of token ${token} changed at epoch ${touchedAt}`,
      {
        hint: `route the key anew by the ring of epoch ${current}, or at least ${touchedAt}`,
        details: { epoch, touchedAt, currentEpoch: current, keyspace },
      },
    );
  }

  #follow(): void {
    const { log } = this.#ring;
    let state = this.#state;
    let records = state === null ? null : log.recordsAfter(state);
    if (records === null) {
      state = log.snapshot === null ? null : stateOfSnapshot(log.snapshot);
      records = log.records;
      // A history kept from its first record has nothing unknown, but no route is older than that one.
      this.#touched = new TouchedRanges(Math.max(1, state?.epoch ?? 0));
    }
    for (const record of records) {
      const before = state;
      const after = foldRecord(before, record);
      if (isRefusal(after)) break;
      state = after;
      if (before === null || record.kind === 'readmit') continue;
      const alter = record.alter ?? before.operation?.alter ?? null;
      const [old, next] = [this.#ring.ownersOf(before), this.#ring.ownersOf(after)];
      this.#touched.note({
        epoch: record.epoch,
        operationId: record.operationId,
        altered: alter?.keyspace ?? null,
        placesKnown: old.placesKnown && next.placesKnown,
        rings: [...old.rings, ...next.rings],
      });
    }
    this.#state = state;
  }
}
