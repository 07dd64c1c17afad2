import type { MovementRole } from '../lifecycle/own-movements.ts';
import type { Command } from '../node/command.ts';
import type { NodeEvent } from '../node/node-event.ts';
import type { RangeMovement } from '../ring/range-movement.ts';
import type { MovementTask, RangeMovementHandler } from './range-movement-handler.ts';

/** So many movements run at once; more would compete for one disk and one link. */
const maxRunning = 4;
/** Progress is told when it moved by this much, so that an application may report every row. */
const progressStep = 0.01;
/** How long `stop` waits for handlers that do not heed their signal. */
const stopPatienceMs = 7_000;
const maxReasonLength = 500;

export interface MovementRunnerParts {
  readonly handler: RangeMovementHandler;
  /** The movement with all that the application needs to reach its hosts, as known at this moment. */
  readonly taskOf: (movement: RangeMovement, role: MovementRole) => MovementTask;
  /** Gives a command to the core. */
  readonly command: (command: Command) => Promise<unknown>;
  /** A movement that failed, or whose outcome the core did not want. */
  readonly warn: (text: string, facts: { readonly movementId: string }) => void;
}

interface Job {
  readonly movement: RangeMovement;
  readonly role: MovementRole;
  readonly controller: AbortController;
}

/**
 * Has the application move what the core asks for, a few movements at a time and in the order asked, and tells the core
 * how each went. One movement never runs twice at once: told again after a cancellation, it waits until the handler has
 * let go of the first.
 */
export class MovementRunner {
  readonly #parts: MovementRunnerParts;
  /** What is wanted, waiting or running, by movement id. */
  readonly #jobs = new Map<string, Job>();
  /** Jobs that wait, in the order they came. */
  #waiting: Job[] = [];
  /** Handlers that have not settled, by movement id; cancelled ones too. */
  readonly #running = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(parts: MovementRunnerParts) {
    this.#parts = parts;
  }

  /** For the driver's listener. */
  heard(event: NodeEvent): void {
    if (event.kind === 'movement') this.#begin(event.movement, event.role);
    else if (event.kind === 'movementCancelled') this.#cancel(event.movementId);
  }

  /** Aborts all, and waits for the handlers, yet not for ever. Nothing is told to the core any more. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const movementId of [...this.#jobs.keys()]) this.#cancel(movementId);
    if (this.#running.size === 0) return;
    let patience: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      patience = setTimeout(resolve, stopPatienceMs);
    });
    await Promise.race([Promise.all(this.#running.values()), tooLong]);
    clearTimeout(patience);
  }

  #begin(movement: RangeMovement, role: MovementRole): void {
    if (this.#stopped || this.#jobs.has(movement.id)) return;
    const job = { movement, role, controller: new AbortController() };
    this.#jobs.set(movement.id, job);
    this.#waiting.push(job);
    this.#fill();
  }

  #cancel(movementId: string): void {
    const job = this.#jobs.get(movementId);
    if (job === undefined) return;
    this.#jobs.delete(movementId);
    this.#waiting = this.#waiting.filter((each) => each !== job);
    job.controller.abort();
  }

  #fill(): void {
    while (this.#running.size < maxRunning) {
      const next = this.#waiting.findIndex(({ movement }) => !this.#running.has(movement.id));
      if (next < 0) return;
      const [job] = this.#waiting.splice(next, 1);
      const { id } = job!.movement;
      const running = this.#run(job!).then(() => {
        this.#running.delete(id);
        this.#fill();
      });
      this.#running.set(id, running);
    }
  }

  /** Never rejects. */
  async #run(job: Job): Promise<void> {
    const { movement, role, controller } = job;
    const { handler, taskOf } = this.#parts;
    let outcome: Command;
    try {
      const progress = this.#progressOf(job);
      await handler(taskOf(movement, role), { signal: controller.signal, progress });
      outcome = { kind: 'movementDone', movementId: movement.id };
    } catch (error) {
      const reason = reasonOf(error);
      outcome = { kind: 'movementFailed', movementId: movement.id, reason };
      if (!controller.signal.aborted) this.#warn(movement.id, `movement ${movement.id} failed: ${reason}`);
    }
    if (controller.signal.aborted) return;
    this.#jobs.delete(movement.id);
    await this.#parts.command(outcome).catch((error: unknown) => {
      if (!this.#stopped)
        this.#warn(movement.id, `the outcome of movement ${movement.id} was not taken: ${reasonOf(error)}`);
    });
  }

  #progressOf({ movement, controller }: Job): (ratio: number) => void {
    let told = 0;
    return (ratio) => {
      const moved = Math.min(1, Math.max(0, Number(ratio) || 0));
      if (controller.signal.aborted || Math.abs(moved - told) < progressStep) return;
      told = moved;
      // Progress is for people: one that comes too late changes nothing.
      this.#parts.command({ kind: 'movementProgress', movementId: movement.id, ratio: moved }).catch(() => {});
    };
  }

  #warn(movementId: string, text: string): void {
    this.#parts.warn(text, { movementId });
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.length > maxReasonLength ? `${text.slice(0, maxReasonLength - 1)}…` : text;
}
