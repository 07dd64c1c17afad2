import type { SimulatedNode } from '../simulated-node.ts';
import type { Invariant } from './invariant.ts';
import { RingMoves } from './ring-moves.ts';

/** Epoch e of one lineage is decided once: over all nodes and all their lives, forgotten ones included. */
export class OneRecordPerEpoch implements Invariant {
  readonly rule = 'an epoch of a lineage has one record';
  readonly #moves = new RingMoves();
  /** `lineage epoch` → chain hash, and who said so first. */
  readonly #decided = new Map<string, { readonly chainHash: string; readonly by: string }>();

  look(node: SimulatedNode): string | null {
    const state = this.#moves.moved(node);
    if (state === null) return null;
    const { records } = node.reader.register.log;
    for (const [index, record] of records.entries()) {
      const chainHash = records[index + 1]?.previous ?? state.chainHash;
      const key = `${record.lineage} ${record.epoch}`;
      const known = this.#decided.get(key);
      if (known === undefined) this.#decided.set(key, { chainHash, by: node.address });
      else if (known.chainHash !== chainHash) {
        return `epoch ${record.epoch} is ${chainHash} (${record.kind}) here and ${known.chainHash} at ${known.by}`;
      }
    }
    return null;
  }
}
