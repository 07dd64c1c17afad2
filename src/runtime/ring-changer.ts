import type { Plan } from '../api/plan.ts';
import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { OperationProgress, OperationView } from '../http/node-port.ts';
import type { BegunOperation, DecidedRecord } from '../http/operator-port.ts';
import type { PlanRequest } from '../http/planned-operation.ts';
import type { ViewSurvey } from '../node/command.ts';
import { defaultNodeConfig } from '../node/node-config.ts';
import type { NodeEvent } from '../node/node-event.ts';
import type { NodeReader } from '../node/node-reader.ts';
import type { Token } from '../token/token.ts';
import { openOperations, operationProgress } from './open-operations.ts';
import { type Commanded, RingOperator } from './ring-operator.ts';

/** Who does not say within this how far it is, is left out. */
const progressMs = 1_000;

/** `force`: do it although something that protects data speaks against it. The refusal without it says what. */
export interface ForceOption {
  readonly force?: boolean;
}

/** How an operation came to its close: `end`, undone (`abort`), or `superseded` by a forced removal that closed it. */
export type OperationOutcome = 'end' | 'abort' | 'superseded';

/** What a node asks about an operation before it begins one: see `/v1/plan`. */
export type PlanQuestion = Pick<PlanRequest, 'operation'> & Partial<PlanRequest>;

export interface RingChangerParts {
  readonly driver: Commanded;
  readonly read: () => NodeReader;
  readonly stopped: Promise<RingError | null>;
  readonly plan: (request: PlanRequest) => Plan;
}

interface Waiter {
  readonly operationId: string;
  readonly resolve: (outcome: OperationOutcome) => void;
  readonly reject: (error: RingError) => void;
}

/**
 * The part of an embedded node by which an application changes the ring. What begins an operation resolves once its `begin`
 * is decided; `awaitOperation` waits for its close. Everything rejects with a RingError if it is refused, and then nothing
 * is changed: UNKNOWN_NODE, REFUSED, OPERATION_OPEN, NO_MAJORITY, FORKED, SUPERSEDED, UNAVAILABLE.
 */
export class RingChanger {
  readonly #core: Commanded;
  readonly #operator: RingOperator;
  readonly #read: () => NodeReader;
  readonly #plan: RingChangerParts['plan'];
  readonly #waiters = new Set<Waiter>();
  #left = false;
  /** Why nothing will be decided here any more; null while the node lives. */
  #stopped: RingError | null = null;

  constructor({ driver, read, stopped, plan }: RingChangerParts) {
    this.#core = driver;
    this.#operator = new RingOperator(driver);
    this.#read = read;
    this.#plan = plan;
    void stopped.then((error) => this.#giveUp(error));
  }

  /**
   * This node hands its ranges over and leaves for good. Resolves when it has left: it stops by itself a moment later, and
   * its store is of no further use. Rejects with SUPERSEDED when the operation was aborted, or closed by the forced removal of
   * all others; STOPPED when the node stopped first.
   */
  async decommission({ force = false }: ForceOption = {}): Promise<void> {
    const { hostId } = this.#read();
    const { operationId } = await this.#operator.begin({ operation: 'decommission', hostId }, force);
    const outcome = await this.awaitOperation(operationId);
    if (outcome === 'end') return;
    const how = outcome === 'abort' ? 'was aborted' : 'was closed by a forced removal';
    throw new RingError('SUPERSEDED', `the decommission ${operationId} ${how}; this node stays a member`, {
      hint: 'Begin it again if it still applies.',
    });
  }

  /** This node, which has one token, owns `token` instead. */
  move(token: Token, { force = false }: ForceOption = {}): Promise<BegunOperation> {
    return this.#operator.begin({ operation: 'move', hostId: this.#read().hostId, tokens: [token] }, force);
  }

  /** Removes a dead member for good; the others fetch what it held from one another. Its forced form is `assassinate`. */
  removeNode(hostId: HostId): Promise<BegunOperation> {
    return this.#operator.begin({ operation: 'removenode', hostId }, false);
  }

  /** Gives a keyspace another replication. A new keyspace is put with `putKeyspace`. */
  alterReplication(
    keyspace: string,
    replication: Readonly<Record<string, string | number>>,
    { force = false }: ForceOption = {},
  ): Promise<BegunOperation> {
    return this.#operator.begin({ operation: 'alterReplication', keyspace, replication }, force);
  }

  /** Removes a member without moving any data: what only it held is lost. `force`: also without a majority. */
  assassinate(hostId: HostId, { force = false }: ForceOption = {}): Promise<DecidedRecord> {
    return this.#operator.assassinate(hostId, force);
  }

  /** Lets a removed host id come back, as a newcomer. */
  readmit(hostId: HostId, { force = false }: ForceOption = {}): Promise<DecidedRecord> {
    return this.#operator.readmit(hostId, force);
  }

  /** Ends a fork: this node gives up its own history for that of another lineage. Resolves with its epoch then. */
  adoptLineage(lineage: string): Promise<number> {
    return this.#operator.adopt(lineage);
  }

  /** Joins the ring with a node that was started with `join: false`. Resolves once the join has begun. */
  join(): Promise<void> {
    return this.#operator.join();
  }

  /** Announces that this node serves no more; it gossips and votes until it is stopped. Safe to call twice. */
  drain(): Promise<void> {
    return this.#operator.drain();
  }

  /** Announces a restart that will be over within `leaseMs`: until then it is shown as restarting. */
  planRestart(leaseMs: number): Promise<void> {
    return this.#operator.planRestart(leaseMs);
  }

  /**
   * What an operation would move, from whom to whom, and whether it can be done now. Changes nothing. Throws RingError
   * INVALID_ARGUMENT, UNKNOWN_NODE, UNKNOWN_KEYSPACE, UNKNOWN_DATACENTER, UNAVAILABLE.
   */
  plan(question: PlanQuestion): Plan {
    const nothing = { hostId: null, token: null, keyspace: null, replication: null, datacenter: null, rack: null };
    return this.#plan({ ...nothing, tokens: defaultNodeConfig.tokens, ...question });
  }

  /** The operations that are open (at most one), with what they wait for. */
  operations(): readonly OperationView[] {
    return openOperations(this.#read());
  }

  /** Asks whom the open operation concerns how far they are, and the voter that drives it what the next step waits for. */
  async operationProgress(timeoutMs: number = progressMs): Promise<OperationProgress> {
    return operationProgress((await this.#core.command({ kind: 'surveyOperation', timeoutMs })) as ViewSurvey);
  }

  /** Undoes an operation before its `switch`. */
  abortOperation(operationId: string): Promise<void> {
    return this.#operator.abort(operationId);
  }

  /** Has every participant of an operation try again what failed. */
  resumeOperation(operationId: string): Promise<void> {
    return this.#operator.resume(operationId);
  }

  /** Waits, without limit, until an operation is closed. Rejects with UNKNOWN_OPERATION, or STOPPED with the node. */
  awaitOperation(operationId: string): Promise<OperationOutcome> {
    return new Promise((resolve, reject) => {
      const waiter = { operationId, resolve, reject };
      this.#waiters.add(waiter);
      this.#settle(waiter);
      if (this.#stopped !== null) this.#giveUp(this.#stopped);
    });
  }

  /** For the driver's listener. */
  protected changed(event: NodeEvent): void {
    if (event.kind === 'left') this.#left = true;
    if (event.kind === 'ring') for (const waiter of [...this.#waiters]) this.#settle(waiter);
  }

  #settle(waiter: Waiter): void {
    const { operationId, resolve, reject } = waiter;
    const { state, log } = this.#read().register;
    if (state?.operation?.operationId === operationId) return;
    const records = log.records.filter((record) => record.operationId === operationId);
    const last = records.at(-1)?.kind;
    if (last === undefined) {
      this.#waiters.delete(waiter);
      reject(
        new RingError('UNKNOWN_OPERATION', `this node knows no operation ${operationId}`, {
          hint: 'See `operations()`, and the history for those that are closed.',
        }),
      );
    } else if (last !== 'end' || !this.#leftBy(operationId)) {
      // The node that leaves is done when it is silent, which `left` tells: one step after the record.
      this.#waiters.delete(waiter);
      resolve(last === 'end' || last === 'abort' ? last : 'superseded');
    }
  }

  /** True for the decommission of this very node. */
  #leftBy(operationId: string): boolean {
    const { hostId, register } = this.#read();
    return register.log.records.some(
      (record) =>
        record.operationId === operationId &&
        record.operation === 'decommission' &&
        record.subjects.some((subject) => subject.hostId === hostId),
    );
  }

  #giveUp(error: RingError | null): void {
    this.#stopped = error ?? new RingError('STOPPED', 'the node was stopped');
    for (const { resolve, reject } of this.#waiters) {
      if (this.#left) resolve('end');
      else reject(this.#stopped);
    }
    this.#waiters.clear();
  }
}
