import { RingError } from '../base/error.ts';
import { type HostId, randomUuid } from '../base/id.ts';
import { draftOf, type RecordDraft } from '../epoch/record-draft.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { RingState } from '../epoch/ring-state.ts';
import { openOperation } from '../lifecycle/open-operation.ts';
import type { OperationRequest } from '../lifecycle/operation-request.ts';
import {
  checkForcedRemoval,
  checkMajority,
  checkOperation,
  checkReadmission,
  hasMajority,
  type RingFacts,
} from '../lifecycle/preconditions.ts';
import { parseReplication } from '../ring/replication-strategy.ts';
import type { OperationBegun, RecordDecided } from './command.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import type { OperationLoop } from './operation-loop.ts';
import type { RingLoop } from './ring-loop.ts';

/**
 * What operators ask of the ring: checked here, before anything of it is said, and then proposed. All methods throw the
 * `RingError` of a refusal; nothing has changed then.
 */
export class OperationDesk {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #ring: RingLoop;
  readonly #operations: OperationLoop;

  constructor(context: NodeContext, membership: Membership, ring: RingLoop, operations: OperationLoop) {
    this.#context = context;
    this.#membership = membership;
    this.#ring = ring;
    this.#operations = operations;
  }

  begin(commandId: number, request: OperationRequest, force: boolean): void {
    const facts = this.#facts();
    checkOperation(request, force, facts);
    const strict = this.#beginDraft(request, facts);
    const reason = this.#operations.whyNotBegin(strict);
    const lenient = { ...strict, strict: false };
    const forced = reason !== null && force && this.#operations.whyNotBegin(lenient) === null;
    if (reason !== null && !forced) {
      throw new RingError('UNAVAILABLE', reason, {
        hint: 'start the missing nodes; one that is lost for good is removed with `ringctl assassinate --force`',
      });
    }
    if (forced) this.#context.log('warn', 'notStrict', `${request.operation} begins by force: ${reason}`);
    const draft = forced ? lenient : strict;
    const begun = ({ operationId, epoch }: RingRecord): OperationBegun => ({ operationId, epoch });
    this.#ring.proposeFor(commandId, draft, begun);
  }

  /** Why an operation would be refused now, whoever must be alive for it set aside; null if nothing speaks against it. */
  refusalOf(request: OperationRequest): RingError | null {
    try {
      checkOperation(request, false, this.#facts());
      return null;
    } catch (error) {
      if (error instanceof RingError) return error;
      throw error;
    }
  }

  abort(commandId: number, operationId: string): void {
    this.#state();
    const draft = this.#operations.abortDraft(operationId)!;
    this.#ring.proposeFor(commandId, draft, decidedRecord);
  }

  /**
   * Removes a host without moving data, while another operation is open too: a removed node blocks nothing. Without a
   * majority only by force, and then alone.
   */
  forceRemove(commandId: number, hostId: HostId, force: boolean): void {
    const facts = this.#facts();
    checkForcedRemoval(hostId, facts);
    this.#decide(commandId, 'remove', hostId, force, facts);
  }

  /** Lifts the bar on a removed host id. */
  readmit(commandId: number, hostId: HostId, force: boolean): void {
    const facts = this.#facts();
    checkReadmission(hostId, facts);
    this.#decide(commandId, 'readmit', hostId, force, facts);
  }

  #decide(commandId: number, kind: 'remove' | 'readmit', hostId: HostId, force: boolean, facts: RingFacts): void {
    const { random, protocols } = this.#context;
    const way = hasMajority(facts) ? 'voted' : 'forced';
    if (way === 'forced' && !force) checkMajority(facts);
    const draft = draftOf({
      kind,
      operationId: randomUuid(random),
      subjects: [{ hostId, tokens: [] }],
      schemaVersion: protocols.schema.version,
    });
    if (way === 'forced') {
      const risk =
        'if the silent owners live and decide another record, the ring is forked and one history must be given up';
      this.#context.log(
        'warn',
        'forced',
        `${kind} of ${hostId} is written without a majority, under a new lineage: ${risk}`,
      );
    }
    this.#ring.proposeFor(commandId, draft, decidedRecord, way);
  }

  /** How many participants were told. */
  resume(operationId: string): number {
    return this.#operations.resume(openOperation(this.#state().operation, operationId));
  }

  #beginDraft(request: OperationRequest, { state, datacenters }: RingFacts): RecordDraft {
    const { random, protocols } = this.#context;
    const draft = draftOf({
      kind: 'begin',
      operationId: randomUuid(random),
      operation: request.operation,
      schemaVersion: protocols.schema.version,
    });
    switch (request.operation) {
      case 'decommission':
      case 'removenode': {
        const { hostId } = request;
        return { ...draft, subjects: [{ hostId, tokens: state.members.get(hostId)!.tokens }] };
      }
      case 'move':
        return { ...draft, subjects: [{ hostId: request.hostId, tokens: request.tokens }] };
      case 'alterReplication': {
        const replication = parseReplication(request.replication, datacenters).options;
        return { ...draft, alter: { keyspace: request.keyspace, replication } };
      }
    }
  }

  #state(): RingState {
    const { state } = this.#membership;
    if (state === null) throw new RingError('UNAVAILABLE', 'no ring is known yet', { hint: 'try again soon' });
    return state;
  }

  #facts(): RingFacts {
    const membership = this.#membership;
    return {
      self: this.#context.self.hostId,
      state: this.#state(),
      owners: membership.ring()!.natural,
      keyspaces: membership.keyspaces(),
      datacenters: membership.datacenters(),
      liveness: (hostId) => membership.liveness(hostId),
      isDrained: (hostId) => membership.isDrained(hostId),
    };
  }
}

const decidedRecord = ({ kind, epoch, lineage }: RingRecord): RecordDecided => ({ kind, epoch, lineage });
