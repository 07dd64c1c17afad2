import type { HostId } from '../../base/id.ts';
import type { OperationKind, RingRecord } from '../../epoch/ring-record.ts';
import type { RingSnapshot } from '../../epoch/ring-snapshot.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Invariant } from './invariant.ts';
import { RingMoves } from './ring-moves.ts';

interface Open {
  readonly operationId: string;
  readonly kind: OperationKind;
  readonly subjects: Set<HostId>;
  readonly replaces: HostId | null;
}

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
    const count = new Count(snapshot);
    for (const record of records) {
      const broken = count.next(record);
      if (broken !== null) return broken;
    }
    return null;
  }
}

/** What is open, and who owns the ring, after each record. */
class Count {
  #open: Open | null;
  readonly #owners: Set<HostId>;

  constructor(snapshot: RingSnapshot | null) {
    const open = snapshot?.operation ?? null;
    this.#open = open && { ...open, subjects: new Set(open.subjects.map(({ hostId }) => hostId)) };
    const owners = snapshot?.members.filter(({ state }) => state !== 'joining' && state !== 'replacing') ?? [];
    this.#owners = new Set(owners.map(({ hostId }) => hostId));
  }

  next({ kind, operationId, operation, epoch, subjects: named, replaces }: RingRecord): string | null {
    const open = this.#open;
    const hostIds = named.map(({ hostId }) => hostId);
    switch (kind) {
      case 'begin':
        if (open !== null) return `epoch ${epoch} begins ${operationId} while ${open.operationId} is open`;
        this.#open = { operationId, kind: operation!, subjects: new Set(hostIds), replaces };
        break;
      case 'switch':
      case 'end':
      case 'abort':
        if (open?.operationId !== operationId) {
          return `epoch ${epoch} is ${kind} of ${operationId} while ${open?.operationId ?? null} is open`;
        }
        if (kind === 'end') this.#end(open);
        if (kind !== 'switch') this.#open = null;
        break;
      case 'remove':
        for (const hostId of hostIds) this.#remove(hostId);
        break;
      case 'found':
        for (const hostId of hostIds) this.#owners.add(hostId);
        break;
      case 'readmit':
      case 'alterReplication':
        break;
    }
    return null;
  }

  #end(open: Open): void {
    const { subjects, replaces } = open;
    for (const hostId of subjects) {
      if (departs(open)) this.#owners.delete(hostId);
      else this.#owners.add(hostId);
    }
    if (replaces !== null) this.#owners.delete(replaces);
  }

  /** A forced removal of its last subject closes an operation, and of the last owner who is to stay. */
  #remove(hostId: HostId): void {
    this.#owners.delete(hostId);
    const open = this.#open;
    if (open === null) return;
    const { subjects } = open;
    const last = subjects.delete(hostId) && subjects.size === 0;
    if (last || (departs(open) && [...this.#owners].every((owner) => subjects.has(owner)))) this.#open = null;
  }
}

/** True where the subjects own nothing once it has ended. */
const departs = ({ kind }: Open): boolean => kind === 'decommission' || kind === 'removenode';
