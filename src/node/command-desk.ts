import { RingError } from '../base/error.ts';
import { dayMs } from '../base/time.ts';
import { ApplicationState, applicationKeyPrefix } from '../gossip/application-state.ts';
import type { OperationRequest } from '../lifecycle/operation-request.ts';
import type { Command } from './command.ts';
import type { JoinLoop } from './join-loop.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import { OperationDesk } from './operation-desk.ts';
import type { OperationLoop } from './operation-loop.ts';
import type { RingLoop } from './ring-loop.ts';
import type { SchemaLoop } from './schema-loop.ts';
import type { SelfState } from './self-state.ts';
import type { Survey } from './survey.ts';

/** Takes commands to the procedure that knows the answer. Each is completed once, with a result or a `RingError`. */
export class CommandDesk {
  readonly #context: NodeContext;
  readonly #schema: SchemaLoop;
  readonly #survey: Survey;
  readonly #operations: OperationLoop;
  readonly #desk: OperationDesk;
  readonly #ring: RingLoop;
  readonly #join: JoinLoop;
  readonly #selfState: SelfState;
  readonly #sayGoodbye: () => number;

  constructor(
    context: NodeContext,
    desks: {
      schema: SchemaLoop;
      survey: Survey;
      operations: OperationLoop;
      membership: Membership;
      ring: RingLoop;
      join: JoinLoop;
      selfState: SelfState;
      sayGoodbye: () => number;
    },
  ) {
    this.#context = context;
    this.#schema = desks.schema;
    this.#survey = desks.survey;
    this.#operations = desks.operations;
    this.#desk = new OperationDesk(context, desks.membership, desks.ring, desks.operations);
    this.#ring = desks.ring;
    this.#join = desks.join;
    this.#selfState = desks.selfState;
    this.#sayGoodbye = desks.sayGoodbye;
  }

  take(id: number, command: Command, running: boolean): void {
    const { effects } = this.#context;
    try {
      if (!running) throw new RingError('UNAVAILABLE', 'this node has not reached its cluster yet, or has left it');
      switch (command.kind) {
        case 'setStates':
          return effects.complete(id, { ok: this.#setStates(command.entries) });
        case 'setLoad':
          return effects.complete(id, { ok: this.#setLoad(command.bytes) });
        case 'putSchema':
          return this.#schema.put(id, command);
        case 'dropSchema':
          return this.#schema.drop(id, command.type, command.name);
        case 'survey':
          return this.#survey.begin(id, command.timeoutMs, null);
        case 'surveyOperation':
          return this.#survey.begin(id, command.timeoutMs, this.#operations.concerned());
        case 'abortOperation':
          return this.#desk.abort(id, command.operationId);
        case 'beginOperation':
          return this.#desk.begin(id, command.request, command.force);
        case 'join':
          this.#join.join();
          return effects.complete(id, { ok: null });
        case 'resumeOperation':
          return effects.complete(id, { ok: this.#desk.resume(command.operationId) });
        case 'movementProgress':
          this.#operations.movements.progressed(command.movementId, command.ratio);
          return effects.complete(id, { ok: null });
        case 'movementDone':
          return this.#operations.movements.finished(command.movementId, () =>
            this.#context.effects.complete(id, { ok: null }),
          );
        case 'movementFailed':
          this.#operations.movements.failed(command.movementId, command.reason);
          return effects.complete(id, { ok: null });
        case 'forceRemove':
          return this.#desk.forceRemove(id, command.hostId, command.force);
        case 'readmit':
          return this.#desk.readmit(id, command.hostId, command.force);
        case 'drain':
          this.#selfState.announceDrain();
          return effects.complete(id, { ok: null });
        case 'planRestart':
          return effects.complete(id, { ok: this.#planRestart(command.leaseMs) });
        case 'adoptLineage':
          return this.#ring.adopt(id, command.lineage);
        case 'goodbye':
          return effects.complete(id, { ok: this.#sayGoodbye() });
      }
    } catch (error) {
      if (!(error instanceof RingError)) throw error;
      effects.complete(id, { error });
    }
  }

  /** As `OperationDesk.refusalOf`. */
  refusalOf(request: OperationRequest): RingError | null {
    return this.#desk.refusalOf(request);
  }

  #setStates(entries: readonly (readonly [key: string, value: string | null])[]): number {
    const { protocols, self, effects } = this.#context;
    const foreign = entries.find(([key]) => !key.startsWith(applicationKeyPrefix));
    if (foreign !== undefined) {
      throw new RingError('INVALID_ARGUMENT', `got the key ${foreign[0]}, expected one under ${applicationKeyPrefix}`);
    }
    const version = protocols.gossiper.setStates(entries);
    effects.emit({ kind: 'states', hostId: self.hostId, keys: entries.map(([key]) => key) });
    return version;
  }

  #planRestart(leaseMs: number): null {
    if (!(leaseMs > 0 && leaseMs <= dayMs)) {
      throw new RingError('INVALID_ARGUMENT', `got a lease of ${leaseMs} ms, expected more than 0 and at most a day`);
    }
    this.#selfState.announceRestart(leaseMs);
    return null;
  }

  #setLoad(bytes: number): number {
    return this.#context.protocols.gossiper.setStates([[ApplicationState.load, String(bytes)]]);
  }
}
