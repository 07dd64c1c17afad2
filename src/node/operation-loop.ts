import type { HostId } from '../base/id.ts';
import type { RecordDraft } from '../epoch/epoch-register.ts';
import { wentBack } from '../epoch/ring-record.ts';
import type { OpenOperation } from '../epoch/ring-snapshot.ts';
import { majority, votersOf } from '../epoch/ring-state.ts';
import {
  type JoinRequest,
  nothingToMove,
  type OperationAnswer,
  type OperationQuery,
  type OperationReport,
  type ReplaceRequest,
} from '../lifecycle/lifecycle-message.ts';
import { MovementLedger } from '../lifecycle/movement-ledger.ts';
import { OperationDriver, type OperationPort, type OperationTimer } from '../lifecycle/operation-driver.ts';
import { impossibility, moversOf, type OperationNeeds, operationNeeds } from '../lifecycle/operation-needs.ts';
import { type OwnMovement, ownMovements } from '../lifecycle/own-movements.ts';
import type { Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import type { RingLoop } from './ring-loop.ts';
import type { RingView } from './ring-view.ts';
import type { StoredMovements } from './store-record.ts';
import { tokenPlaces } from './token-places.ts';

/** Of what an operation waits for, this much is told to who asks: a member more or less makes no difference to people. */
const toldSentences = 16;

/**
 * Joins the two sides of the open operation to the node: as a voter it drives (`operation-driver.ts`), as a participant it
 * acknowledges steps and moves data (`movement-ledger.ts`).
 */
export class OperationLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #ring: RingLoop;
  readonly #driver: OperationDriver;
  readonly movements: MovementLedger;
  readonly port: OperationPort;
  /** Needs of the open operation, by the ring and the keyspaces that they were made of. */
  #needs: { readonly view: RingView; readonly keyspacesVersion: string; readonly needs: OperationNeeds } | null = null;
  /** This node's movements for the open operation, by ring, keyspaces and who may not be read. */
  #own: { readonly view: RingView; readonly key: string; readonly movements: readonly OwnMovement[] } | null = null;
  /** Who asked last, and what it was answered: told anew when that moves. */
  #asker: { readonly hostId: HostId; readonly operationId: string; answer: string } | null = null;
  /** A look is under way, and takes the own standing as it is at its end. */
  #looking = false;

  constructor(context: NodeContext, membership: Membership, ring: RingLoop, stored: StoredMovements | null) {
    this.#context = context;
    this.#membership = membership;
    this.#ring = ring;
    this.#driver = new OperationDriver({ random: context.random, joinTimeoutMs: context.config.joinTimeoutMs });
    this.movements = new MovementLedger(
      {
        wanted: () => this.#wanted(),
        isAlive: (hostId) => membership.isAlive(hostId),
        ringFingerprint: () => this.#ringFingerprint,
        applied: context.config.movements,
        start: ({ movement, role }) => context.effects.emit({ kind: 'movement', movement, role }),
        cancel: (movementId) => context.effects.emit({ kind: 'movementCancelled', movementId }),
        commit: (operationId, done, then) =>
          context.commit([{ kind: 'movements', movements: { operationId, done } }], then),
        changed: () => this.#tell(),
      },
      stored,
    );
    const { protocols } = context;
    this.port = {
      ...tokenPlaces(context, membership),
      hostId: context.self.hostId,
      ringFingerprint: () => this.#ringFingerprint,
      get schemaVersion() {
        return protocols.schema.version;
      },
      get keyspacesVersion() {
        return protocols.schema.keyspacesVersion;
      },
      get busy() {
        return protocols.register.proposing || this.unfit !== null;
      },
      get unfit() {
        const { restored, fork } = protocols.register;
        return restored ? 'restored' : fork === null ? null : 'forked';
      },
      isAlive: (hostId) => membership.isAlive(hostId),
      liveness: (hostId) => membership.liveness(hostId),
      wentBack: (open) => wentBack(protocols.register.log.records, open),
      needs: () => this.#openNeeds(),
      whyNotBegin: (draft) => this.whyNotBegin(draft),
      propose: (draft) => ring.propose(draft),
      withdraw: (proposal) => protocols.register.withdraw(proposal),
      answer: (joiner, answer) => context.sendTo(joiner, answer),
      ask: (hostId, query) => this.#ask(hostId, query),
      schedule: (purpose, delayMs) => context.effects.schedule({ kind: 'operation', purpose }, delayMs),
      log: (level, event, message, facts) => context.log(level, event, message, facts),
    };
  }

  timer(purpose: OperationTimer): void {
    const { state } = this.#membership;
    if (state === null) return;
    this.movements.look(state.operation);
    this.#look((nowMs) => this.#driver.timer(nowMs, purpose, state, this.port));
  }

  joinRequested(from: HostId, request: JoinRequest | ReplaceRequest): void {
    const { state } = this.#membership;
    if (state !== null) this.#driver.joinRequested(this.#context.now.monotonicMs, from, request, state, this.port);
  }

  /** A driving voter asks: answered by what is durable here, and its record is asked for if that is missing. */
  queried(from: Source, query: OperationQuery): void {
    const { protocols } = this.#context;
    if (query.stepEpoch > protocols.register.position.epoch) {
      this.#context.sendTo(from.hostId, { kind: 'recordsRequest', at: protocols.register.position });
    }
    this.#asker = { hostId: from.hostId, operationId: query.operationId, answer: '' };
    this.#take(query);
    this.#tell(true);
  }

  answered(from: HostId, answer: OperationAnswer): void {
    const { state } = this.#membership;
    if (state !== null) this.#look((nowMs) => this.#driver.answered(nowMs, from, answer, state, this.port));
  }

  /** The node begins to run, or a record was decided. */
  decided(): void {
    const { state } = this.#membership;
    this.movements.look(state?.operation ?? null);
    if (state !== null) this.#look((nowMs) => this.#driver.look(nowMs, state, this.port));
  }

  /** What is acknowledged, or the schema, has moved. */
  moved(): void {
    this.movements.look(this.#membership.state?.operation ?? null);
    this.#tell();
  }

  /** What the next step of the open operation waits for, as sentences for people. */
  waitingFor(): string[] {
    const { state } = this.#membership;
    if (state === null || state.operation === null) return [];
    const voters = votersOf(state);
    const dead = voters.filter((voter) => !this.#membership.isAlive(voter));
    const driver = this.#driver.driverOf(state, this.port);
    return [
      ...(voters.length - dead.length < majority(voters.length)
        ? [`a majority of ${voters.length} owners is to be alive; dead are ${dead.join(', ')}`]
        : []),
      ...(driver === this.#context.self.hostId
        ? (this.#driver.waitingFor ?? [])
        : driver === null
          ? []
          : [`${driver} drives it, and knows what it waits for`]),
    ];
  }

  /** Whom the open operation concerns: who gains or loses ranges, and the voter that drives it. Empty while none is open. */
  concerned(): ReadonlySet<HostId> {
    const { state } = this.#membership;
    if (state === null || state.operation === null) return new Set();
    const driver = this.#driver.driverOf(state, this.port);
    return new Set([...moversOf(this.#openNeeds()), ...(driver === null ? [] : [driver])]);
  }

  /** Where the open operation stands here; null while none is open. */
  report(): OperationReport | null {
    const { state } = this.#membership;
    const open = state?.operation ?? null;
    if (state === null || open === null) return null;
    const { hostId } = this.#context.self;
    const drives = this.#driver.driverOf(state, this.port) === hostId;
    return {
      operationId: open.operationId,
      movements: moversOf(this.#openNeeds()).has(hostId) ? this.movements.standing(open) : nothingToMove,
      waitingFor: drives ? this.waitingFor().slice(0, toldSentences) : [],
    };
  }

  /** Drafts the abort of an operation; what of it is wrong is thrown (`OperationDriver.abortDraft`). */
  abortDraft(operationId: string): RecordDraft | null {
    const { state } = this.#membership;
    return state === null ? null : this.#driver.abortDraft(operationId, state, this.port);
  }

  /** Tells all participants of the open operation to move again what failed. How many were told. */
  resume(open: OpenOperation): number {
    const told = [...moversOf(this.#openNeeds())].filter((hostId) => this.#membership.isAlive(hostId));
    const { operationId, stepEpoch } = open;
    const ringFingerprint = this.#ringFingerprint;
    const query = {
      kind: 'operationQuery',
      operationId,
      stepEpoch,
      ringFingerprint,
      ask: 'resume',
      unacknowledged: [],
    } as const;
    for (const hostId of told) this.#ask(hostId, query);
    return told.length;
  }

  /** Whom the live lack to bring an operation to its end, in a sentence; null if they lack nobody. */
  whyNotBegin({ operation, operationId, subjects, replaces, strict, alter }: RecordDraft): string | null {
    if (operation === null) return null;
    const { state } = this.#membership;
    const change = this.#membership.ringChange({ kind: operation, subjects, replaces, alter });
    if (change === null || state === null) return null;
    return impossibility(change, { operationId, kind: operation, stepEpoch: state.epoch + 1, strict }, (hostId) =>
      this.#membership.isAlive(hostId),
    );
  }

  /** Of the ring as this node sees it now, members' places and all; only while one is known. */
  get #ringFingerprint(): string {
    return this.#membership.ring()!.fingerprint;
  }

  #openNeeds(): OperationNeeds | null {
    const open = this.#membership.state?.operation ?? null;
    const view = this.#membership.ring();
    if (open === null || view === null) return null;
    const { keyspacesVersion } = this.#context.protocols.schema;
    if (this.#needs?.view !== view || this.#needs.keyspacesVersion !== keyspacesVersion) {
      const needs = operationNeeds(this.#membership.ringChange(open)!, this.#context.config.barriers);
      this.#needs = { view, keyspacesVersion, needs };
    }
    return this.#needs.needs;
  }

  #wanted(): readonly OwnMovement[] {
    const open = this.#membership.state?.operation ?? null;
    const view = this.#membership.ring();
    if (open === null || view === null) return [];
    // Who goes on without what only the dead hold, at an operator's word, takes what the living have.
    const mayRead = (hostId: HostId): boolean =>
      this.#membership.isAlive(hostId) && !(open.strict && this.movements.unacknowledged.has(hostId));
    const unread = [...this.#membership.state!.members.keys()].filter((hostId) => !mayRead(hostId));
    const key = `${this.#context.protocols.schema.keyspacesVersion} ${unread.join()}`;
    if (this.#own?.view !== view || this.#own.key !== key) {
      const movements = ownMovements(this.#context.self.hostId, open, this.#membership.ringChange(open)!, mayRead);
      this.#own = { view, key, movements };
    }
    return this.#own.movements;
  }

  #ask(hostId: HostId, query: OperationQuery): OperationAnswer | null {
    if (hostId !== this.#context.self.hostId) {
      this.#context.sendTo(hostId, query);
      return null;
    }
    this.#take(query);
    return this.#answerTo(query.operationId);
  }

  #take({ operationId, ringFingerprint, ask, unacknowledged }: OperationQuery): void {
    const open = this.#membership.state?.operation;
    if (open?.operationId !== operationId) return;
    if (ask === 'move') this.movements.told(open, ringFingerprint, unacknowledged);
    else if (ask === 'resume') this.movements.resumed(open);
  }

  #answerTo(operationId: string): OperationAnswer {
    const open = this.#membership.state?.operation ?? null;
    return {
      kind: 'operationAnswer',
      operationId,
      epoch: this.#ring.durableEpoch,
      ringFingerprint: this.#membership.ring()?.fingerprint ?? '',
      keyspacesVersion: this.#context.protocols.schema.keyspacesVersion,
      movements: open?.operationId === operationId ? this.movements.standing(open) : null,
    };
  }

  /**
   * Tells who asked, if what it was told has moved, and unless it asks just now only while the operation is open. The own
   * node, where it drives, hears it too.
   */
  #tell(asked = false): void {
    const open = this.#membership.state?.operation ?? null;
    if (open !== null && !this.#looking) this.answered(this.#context.self.hostId, this.#answerTo(open.operationId));
    if (this.#asker === null || !(asked || open?.operationId === this.#asker.operationId)) return;
    const answer = this.#answerTo(this.#asker.operationId);
    const text = JSON.stringify(answer);
    if (text === this.#asker.answer) return;
    this.#asker.answer = text;
    this.#context.sendTo(this.#asker.hostId, answer);
  }

  #look(look: (nowMs: number) => void): void {
    const outer = this.#looking;
    this.#looking = true;
    look(this.#context.now.monotonicMs);
    this.#looking = outer;
  }
}
