import type { EndpointState } from './endpoint-state.ts';
import type { KeyedHash, Uint64 } from './keyed-hash.ts';

/**
 * The keyed hashes of the newest states, one a slot: a world's nodes sum up the same states, and each is hashed once for
 * all of them. The result of `find` stands in `high` and `low`, so that nothing is allocated for it.
 */
export class StateHashes implements Uint64 {
  readonly #states: (EndpointState | undefined)[] = [];
  readonly #highs: number[] = [];
  readonly #lows: number[] = [];
  /** Of which all that is kept was made. */
  #key: KeyedHash | null = null;
  high = 0;
  low = 0;

  /** Whether the hash of this very state under this key is kept; then it stands in `high` and `low`. */
  find(slot: number, state: EndpointState, key: KeyedHash): boolean {
    if (this.#states[slot] !== state || !this.#isKey(key)) return false;
    this.high = this.#highs[slot]!;
    this.low = this.#lows[slot]!;
    return true;
  }

  /** Keeps a hash in place of that of an older state of the same slot. */
  keep(slot: number, state: EndpointState, key: KeyedHash, { high, low }: Uint64): void {
    if (!this.#isKey(key)) {
      // Clusters of one world share it in turns.
      this.#states.length = 0;
      this.#key = key;
    }
    this.#states[slot] = state;
    this.#highs[slot] = high;
    this.#lows[slot] = low;
  }

  forget(slot: number): void {
    if (slot < this.#states.length) this.#states[slot] = undefined;
  }

  #isKey(key: KeyedHash): boolean {
    return this.#key === key || this.#key?.hasKeyOf(key) === true;
  }
}
