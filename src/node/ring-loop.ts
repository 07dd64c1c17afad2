import { RingError } from '../base/error.ts';
import { type Address, type HostId, randomUuid } from '../base/id.ts';
import type { EpochMessage } from '../epoch/epoch-message.ts';
import type { EpochEffects, EpochEvent, EpochRecord, RecordDraft, StoredHistory } from '../epoch/epoch-register.ts';
import { draftOf } from '../epoch/record-draft.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { RingState } from '../epoch/ring-state.ts';
import { CatchUp } from './catch-up.ts';
import { commandResultOf } from './command-result.ts';
import type { CommandResult, Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import type { StoreRecord } from './store-record.ts';
import { foundingTokens } from './token-places.ts';

/** What the ring's loop tells the other procedures, within the step in which it happened. */
export interface RingListener {
  /** What is to be on disk together with these. */
  besides(batch: readonly EpochRecord[]): readonly StoreRecord[];
  /** `record` null: another history is in force, of which only the fold is kept. `announced`: its proposer told this node. */
  decided(record: RingRecord | null, state: RingState, announced: boolean): void;
  /** What was decided is on disk, up to `durableEpoch`. */
  durable(): void;
}

/**
 * Joins the register to the node: carries its messages, follows decided records, and answers the commands whose records were proposed.
 */
export class RingLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #listener: RingListener;
  /** Proposal → the command that waits for it, and what it is answered. */
  readonly #waitingCommands = new Map<number, { readonly commandId: number; answer(record: RingRecord): unknown }>();
  readonly #adopting: number[] = [];
  readonly effects: EpochEffects;
  readonly catchUp: CatchUp;
  /** Whose message is being handled. */
  #asker: Source | null = null;
  /** Who showed the other history of a fork last: by this one it may be removed, and have no address. */
  #witness: Source | null = null;
  /** What is being handled came as a rumor. */
  #isRumor = false;
  #durableEpoch = 0;

  constructor(context: NodeContext, membership: Membership, listener: RingListener) {
    this.#context = context;
    this.#membership = membership;
    this.#listener = listener;
    this.catchUp = new CatchUp(context);
    this.effects = {
      send: (to, message) => this.#send(to, message),
      schedule: (purpose, mark, delayMs) => context.effects.schedule({ kind: 'epoch', purpose, mark }, delayMs),
      commit: (batch) =>
        context.commit([...batch, ...listener.besides(batch)], () => {
          this.#durable(batch);
          context.protocols.register.committed(context.now, batch, this.effects);
        }),
      save: (record) => context.effects.save(record),
      emit: (event) => this.#happened(event),
    };
  }

  /** The last record that is on disk: all up to it may be acknowledged to others. */
  get durableEpoch(): number {
    return this.#durableEpoch;
  }

  /** Takes what the store holds, all of it durable; or says why the node must not start. */
  load(stored: StoredHistory): RingError | null {
    const { now, protocols } = this.#context;
    try {
      protocols.register.load(now, stored, this.effects);
    } catch (error) {
      if (error instanceof RingError) return error;
      throw error;
    }
    this.#durableEpoch = protocols.register.position.epoch;
    return null;
  }

  /** The proposal's id. Its outcome concerns nobody. */
  propose(draft: RecordDraft): number {
    return this.#context.protocols.register.propose(this.#context.now, draft, this.effects);
  }

  /** Proposes on behalf of a command, which is completed with the outcome. */
  proposeFor(
    commandId: number,
    draft: RecordDraft,
    answer: (record: RingRecord) => unknown,
    way: 'voted' | 'forced' = 'voted',
  ): void {
    const { now, protocols } = this.#context;
    this.#waitingCommands.set(protocols.register.propose(now, draft, this.effects, way), { commandId, answer });
  }

  /** Founds a cluster: epoch 1, decided alone. */
  found(): void {
    const { config, self, random, protocols } = this.#context;
    this.propose(
      draftOf({
        kind: 'found',
        operationId: randomUuid(random),
        subjects: [{ hostId: self.hostId, tokens: foundingTokens(this.#context) }],
        schemaVersion: protocols.schema.version,
        found: { clusterId: randomUuid(random), clusterName: config.clusterName, detector: config.detector },
      }),
    );
  }

  receive(from: Source, message: EpochMessage): void {
    const { register } = this.#context.protocols;
    this.#asker = from;
    register.receive(this.#context.now, from.hostId, message, this.effects);
    this.#asker = null;
    if (register.fork?.witness === from.hostId) this.#witness = from;
  }

  /** Somebody has just learned of a decided record. Who lacks those before it asks, but not every one who tells. */
  rumored(from: Source, record: RingRecord): void {
    const { epoch } = this.#context.protocols.register.position;
    if (record.epoch <= epoch) return;
    if (record.epoch > epoch + 1 && !this.catchUp.mayAsk()) return;
    const after = { epoch: record.epoch - 1, chainHash: record.previous, lineage: record.lineage };
    this.#isRumor = true;
    this.receive(from, { kind: 'records', after, snapshot: null, records: [record], votes: [] });
    this.#isRumor = false;
  }

  epochTimer(purpose: string, mark: number): void {
    this.#context.protocols.register.timer(this.#context.now, purpose, mark, this.effects);
  }

  /** Sends the record that removed `removed`, to that host itself when it speaks (it gets nothing else), or to another. */
  tellRemoval(removed: HostId, to: { readonly hostId: HostId; readonly address: Address }): void {
    const removedAt = this.#membership.state?.removed.get(removed);
    if (removedAt === undefined) return;
    const { log } = this.#context.protocols.register;
    // Where that record is not kept any more, the end of this history makes whoever is behind ask for the fold.
    const after = log.positionAt(removedAt - 1) ?? log.position;
    const records = log.recordsAfter(after)!;
    this.#context.send(to.hostId, to.address, { kind: 'records', after, snapshot: null, records, votes: [] });
  }

  /** Ends a fork: the other history is fetched from its witness. Throws why that cannot be. */
  adopt(commandId: number, lineage: string): void {
    const { now, protocols } = this.#context;
    const error = protocols.register.adoptLineage(now, lineage, this.effects);
    if (error !== null) throw error;
    this.#adopting.push(commandId);
  }

  #answerAdoption(result: CommandResult): void {
    for (const commandId of this.#adopting.splice(0)) this.#context.effects.complete(commandId, result);
  }

  /** Who asks is answered where it asks from: a removed host, or a new one, has no address here. */
  #send(to: HostId, message: EpochMessage): void {
    const known = this.#context.addressOf(to) !== null;
    const teller = this.#asker?.hostId === to || known ? this.#asker : this.#witness;
    if (teller?.hostId === to) this.#context.send(to, teller.replyTo, message);
    else this.#context.sendTo(to, message);
  }

  #durable(batch: readonly EpochRecord[]): void {
    let moved = false;
    for (const each of batch) {
      if (each.kind === 'ringRecord') this.#durableEpoch = each.record.epoch;
      else if (each.kind === 'ringForgotten') this.#durableEpoch = 0;
      else if (each.kind === 'ringSnapshot') this.#durableEpoch = Math.max(this.#durableEpoch, each.snapshot.epoch);
      else continue;
      moved = true;
    }
    if (moved) this.#listener.durable();
  }

  #happened(event: EpochEvent): void {
    const context = this.#context;
    switch (event.kind) {
      case 'decided':
        this.#membership.moved();
        this.#listener.decided(event.record, event.state, this.#isAnnounced(event.record));
        return;
      case 'proposal': {
        const waiting = this.#waitingCommands.get(event.id);
        if (waiting === undefined) return;
        this.#waitingCommands.delete(event.id);
        context.effects.complete(waiting.commandId, commandResultOf(event.outcome, waiting.answer));
        return;
      }
      case 'adopted':
        context.log('warn', 'adopted', `the history of lineage ${event.state.lineage} is followed from now on`, {});
        this.#membership.moved();
        this.#answerAdoption({ ok: event.state.epoch });
        this.#listener.decided(event.record, event.state, false);
        return;
      case 'startedOver':
        this.#membership.moved();
        this.#listener.decided(null, event.state, false);
        return;
      case 'adoptionFailed':
        this.#answerAdoption({
          error: new RingError('TIMEOUT', `${event.witness} did not send the other history`, {
            hint: 'see that it runs and is in reach, and try again; nothing was changed',
          }),
        });
        return;
      case 'fork':
        context.log('error', 'fork', 'two histories of this cluster exist; they never merge', { ...event.fork });
        this.#membership.moved();
        return;
      case 'forkOver':
        context.log('info', 'forkOver', 'nobody shows another history of this cluster any more', {});
        return;
      case 'restored':
        context.log(
          'error',
          'restored',
          `this node's store is an old copy (commit ${event.commitNumber}, others remember ${event.known}): it votes no more; remove it and join as a new node`,
          {},
        );
        return;
      case 'dropped':
        context.log('debug', 'droppedEpochMessage', `a message of ${event.from} was not used: ${event.reason}`, {});
        return;
      case 'noMajority':
        this.#tellNoMajority(event.epoch, event.missing);
        return;
    }
  }

  #isAnnounced({ proposer }: RingRecord): boolean {
    return !this.#isRumor && this.#asker?.hostId === proposer;
  }

  /** People who wait are told; the driver's own proposals go on, for they are still wanted when the voters come back. */
  #tellNoMajority(epoch: number, missing: readonly HostId[]): void {
    const context = this.#context;
    const message = `epoch ${epoch} waits for a majority of the owners; silent: ${missing.join(', ')}`;
    context.log('warn', 'noMajority', message, {});
    for (const [proposal, { commandId }] of this.#waitingCommands) {
      context.protocols.register.withdraw(proposal);
      const hint = 'start the silent owners and try again; what a few of them have accepted may still be decided';
      context.effects.complete(commandId, { error: new RingError('NO_MAJORITY', message, { hint }) });
    }
    this.#waitingCommands.clear();
  }
}
