import type { HostId } from '../base/id.ts';
import { maxConfirmations } from './liveness-claim.ts';

/**
 * How long a suspect may take to refute (Lifeguard section III.B): max(Min, Max − (Max − Min) · log(C + 1) / log(K + 1))
 * with C independent confirmations of the K that are expected.
 */
export function suspicionTimeoutMs(minMs: number, maxMs: number, confirmations: number, expected: number): number {
  if (confirmations >= expected) return expected === 0 ? maxMs : minMs;
  return Math.max(minMs, maxMs - ((maxMs - minMs) * Math.log(confirmations + 1)) / Math.log(expected + 1));
}

/** A suspicion that is told: who stands behind it, and since when. */
export class Suspicion {
  readonly startedMs: number;
  /** Who said so first. */
  readonly accuser: HostId;
  #confirmers: readonly HostId[] = [];

  constructor(startedMs: number, accuser: HostId, confirmers: Iterable<HostId>) {
    this.startedMs = startedMs;
    this.accuser = accuser;
    this.confirm(confirmers);
  }

  /** A list once given does not change. */
  get confirmers(): readonly HostId[] {
    return this.#confirmers;
  }

  /** Adds independent accusers, `maxConfirmations` at most. True if any was new. */
  confirm(hostIds: Iterable<HostId>): boolean {
    const confirmers = new Set(this.#confirmers);
    for (const hostId of hostIds) {
      if (hostId !== this.accuser && confirmers.size < maxConfirmations) confirmers.add(hostId);
    }
    if (confirmers.size === this.#confirmers.length) return false;
    this.#confirmers = [...confirmers];
    return true;
  }

  /** When the suspect is dead unless it refuted. `others` are the members that might confirm. */
  deadlineMs(minMs: number, maxMs: number, others: number): number {
    const expected = Math.max(0, Math.min(maxConfirmations, others));
    return this.startedMs + suspicionTimeoutMs(minMs, maxMs, this.#confirmers.length, expected);
  }
}
