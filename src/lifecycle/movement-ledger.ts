import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { OpenOperation } from '../epoch/ring-snapshot.ts';
import type { MovementStanding } from './lifecycle-message.ts';
import type { OwnMovement } from './own-movements.ts';

export interface MovementPort {
  /** What this node is to move for the open operation, by the ring, the schema, `unacknowledged` and the liveness of now. */
  wanted(): readonly OwnMovement[];
  isAlive(hostId: HostId): boolean;
  /** Of the ring as this node sees it now. */
  ringFingerprint(): string;
  /** False: nothing has to be moved in truth, and every movement is done at once. */
  readonly applied: boolean;
  start(own: OwnMovement): void;
  cancel(movementId: string): void;
  /** Durable before `then`. */
  commit(operationId: string, done: readonly string[], then: () => void): void;
  /** `standing` says something else than before. */
  changed(): void;
}

interface Running {
  readonly sources: readonly HostId[];
  ratio: number;
}

/**
 * What this node has moved, moves and could not move for the open operation. Movements begin when a driving voter says so,
 * which it does once nobody writes by the ring before, and it says so of one ring: by another (a forced removal, another
 * rack of a member) nothing new begins until it is said again. What is done is durable: after a crash only what is missing
 * is handed to the application again. A failure stays until somebody resumes the operation, or this node restarts.
 */
export class MovementLedger {
  readonly #port: MovementPort;
  #operationId = '';
  /** The fingerprint of the ring by which it was told to move; null: not yet. */
  #toldBy: string | null = null;
  #unacknowledged: ReadonlySet<HostId> = new Set();
  #done = new Set<string>();
  /** Done, and on their way to the disk: a commit replaces the one before, so each tells of all. */
  readonly #finishing = new Set<string>();
  readonly #running = new Map<string, Running>();
  readonly #failed = new Map<string, string>();

  constructor(port: MovementPort, stored: { readonly operationId: string; readonly done: readonly string[] } | null) {
    this.#port = port;
    if (stored === null) return;
    this.#operationId = stored.operationId;
    this.#done = new Set(stored.done);
  }

  /** Replicas that may still acknowledge writes of the ring before, so that what is read from them now is not all. */
  get unacknowledged(): ReadonlySet<HostId> {
    return this.#unacknowledged;
  }

  /** A driving voter says: move, by the ring with this fingerprint, and do not read these. */
  told(open: OpenOperation, ringFingerprint: string, unacknowledged: readonly HostId[]): void {
    this.#follow(open);
    if (open.step !== 'begin' || ringFingerprint !== this.#port.ringFingerprint()) return;
    this.#toldBy = ringFingerprint;
    this.#unacknowledged = new Set(unacknowledged);
    this.look(open);
  }

  /** Somebody says: move again what failed. Before a driving voter has said that anything is to be moved, nothing is. */
  resumed(open: OpenOperation): void {
    this.#failed.clear();
    this.look(open);
  }

  /** The ring, the schema or somebody's liveness has moved: begins what is missing, breaks off what is not wanted any more. */
  look(open: OpenOperation | null): void {
    this.#follow(open);
    if (open === null || open.step !== 'begin' || this.#toldBy === null) return this.#cancelAll();
    const wanted = new Map(this.#port.wanted().map((own) => [own.movement.id, own]));
    for (const [id, { sources }] of this.#running) {
      // Who cannot be read to the end is not read at all: another takes its place. A better source that comes back is no reason.
      if (!wanted.has(id) || !sources.every((source) => this.#port.isAlive(source))) this.#cancel(id);
    }
    for (const id of this.#failed.keys()) if (!wanted.has(id)) this.#failed.delete(id);
    if (!this.#isTold) return;
    let changed = false;
    for (const [id, own] of wanted) {
      if (this.#done.has(id) || this.#running.has(id) || this.#failed.has(id)) continue;
      changed = true;
      if (!this.#port.applied) this.#done.add(id);
      else if (own.missing === null) {
        this.#running.set(id, { sources: own.movement.sources, ratio: 0 });
        this.#port.start(own);
      }
    }
    if (changed) this.#port.changed();
  }

  /** Throws RingError NOT_FOUND for a movement that does not run; so do the next two. */
  progressed(movementId: string, ratio: number): void {
    const running = this.#mustRun(movementId);
    running.ratio = Math.min(1, Math.max(0, Number.isFinite(ratio) ? ratio : 0));
  }

  /** `then` once it is durable; a movement that is done already is done again without complaint. */
  finished(movementId: string, then: () => void): void {
    if (this.#done.has(movementId)) return then();
    this.#mustRun(movementId);
    this.#finishing.add(movementId);
    this.#port.commit(this.#operationId, [...this.#done, ...this.#finishing], () => {
      then();
      this.#finishing.delete(movementId);
      if (!this.#running.delete(movementId)) return;
      this.#done.add(movementId);
      this.#port.changed();
    });
  }

  failed(movementId: string, reason: string): void {
    this.#mustRun(movementId);
    this.#running.delete(movementId);
    this.#failed.set(movementId, reason);
    this.#port.changed();
  }

  /** Null until this node was told to move for this operation. */
  standing(open: OpenOperation | null): MovementStanding | null {
    if (open === null || open.operationId !== this.#operationId || this.#toldBy === null) return null;
    if (open.step === 'begin' && !this.#isTold) return null;
    const wanted = open.step === 'begin' ? this.#port.wanted() : [];
    const left = wanted.filter(({ movement }) => !this.#done.has(movement.id));
    const done = wanted.length - left.length;
    let progress = done;
    for (const { ratio } of this.#running.values()) progress += ratio;
    return {
      total: wanted.length,
      done,
      ratio: wanted.length === 0 ? 1 : Math.min(1, progress / wanted.length),
      failed: [...this.#failed.values()][0] ?? left.find(({ missing }) => missing !== null)?.missing ?? null,
    };
  }

  #follow(open: OpenOperation | null): void {
    if (open === null || open.operationId === this.#operationId) return;
    this.#cancelAll();
    this.#operationId = open.operationId;
    this.#toldBy = null;
    this.#unacknowledged = new Set();
    this.#done.clear();
    this.#finishing.clear();
  }

  get #isTold(): boolean {
    return this.#toldBy !== null && this.#toldBy === this.#port.ringFingerprint();
  }

  #cancelAll(): void {
    for (const id of [...this.#running.keys()]) this.#cancel(id);
    this.#failed.clear();
  }

  #cancel(movementId: string): void {
    this.#running.delete(movementId);
    this.#port.cancel(movementId);
  }

  #mustRun(movementId: string): Running {
    const running = this.#running.get(movementId);
    if (running !== undefined) return running;
    throw new RingError('NOT_FOUND', `movement ${movementId} does not run here`, {
      hint: 'it was cancelled, or is done already: break it off',
    });
  }
}
