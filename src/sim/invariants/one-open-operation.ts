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
    let subjects = new Set(snapshot?.operation?.subjects.map(({ hostId }) => hostId));
    for (const { kind, operationId, epoch, subjects: named } of records) {
      switch (kind) {
        case 'begin':
          if (open !== null) return `epoch ${epoch} begins ${operationId} while ${open} is open`;
          open = operationId;
          subjects = new Set(named.map(({ hostId }) => hostId));
          break;
        case 'switch':
        case 'end':
        case 'abort':
          if (open !== operationId) return `epoch ${epoch} is ${kind} of ${operationId} while ${open} is open`;
          if (kind !== 'switch') open = null;
          break;
        case 'remove':
          // A forced removal of its last subject closes an operation.
          for (const { hostId } of named) if (subjects.delete(hostId) && subjects.size === 0) open = null;
          break;
        case 'found':
        case 'readmit':
        case 'alterReplication':
          break;
      }
    }
    return null;
  }
}
