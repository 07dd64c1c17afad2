import type { SimulatedNode } from '../simulated-node.ts';
import type { Invariant } from './invariant.ts';
import { RingMoves } from './ring-moves.ts';

/**
 * At most one operation is open. Counted from the records themselves and not from their fold, which could not hold a
 * second one if it tried.
 */
export class OneOpenOperation implements Invariant {
  readonly rule = 'one operation is open at most';
  readonly #moves = new RingMoves();

  look(node: SimulatedNode): string | null {
    if (this.#moves.moved(node) === null) return null;
    const { snapshot, records } = node.reader.register.log;
    let open = snapshot?.operation?.operationId ?? null;
    for (const { kind, operationId, epoch } of records) {
      switch (kind) {
        case 'begin':
          if (open !== null) return `epoch ${epoch} begins ${operationId} while ${open} is open`;
          open = operationId;
          break;
        case 'switch':
        case 'end':
        case 'abort':
          if (open !== operationId) return `epoch ${epoch} is ${kind} of ${operationId} while ${open} is open`;
          if (kind !== 'switch') open = null;
          break;
        case 'found':
        case 'remove':
        case 'readmit':
        case 'alterReplication':
          break;
      }
    }
    return null;
  }
}
