import type { HostId } from '../base/id.ts';
import { Acceptor, type AcceptorPort, type Rejection } from './acceptor.ts';
import type { AcceptorState, RememberedVoter } from './acceptor-state.ts';
import type { EpochContext } from './epoch-context.ts';
import type { Accept, Accepted, Prepare, PromiseAnswer, Reject } from './epoch-message.ts';
import { foldRecord, isRefusal } from './fold-record.ts';
import { isVoter, type RingState, votersOf } from './ring-state.ts';
import { VoterRecall } from './voter-recall.ts';

/**
 * So many voters, those after it by host id, are told each voter's commit number with every decided record; the proposers it
 * tells itself. To tell all of all would be longer than the record by far: 19 kB to each of 1,000 voters, for every record.
 */
const witnesses = 4;

export interface VoterPort {
  /** The proposer of this very node asks its acceptor as all others do, and is answered here. */
  answerSelf(message: PromiseAnswer | Accepted | Reject): void;
  /** This voter's store is an old copy: it votes no more. */
  restored(): void;
}

/**
 * This node as a voter: an acceptor that votes only on the history that it holds itself, and only while its store is not
 * known to be an old copy. It also remembers the other voters' commit numbers, so that theirs are found out.
 */
export class Voter {
  readonly #context: EpochContext;
  readonly #port: VoterPort;
  readonly #acceptorPort: AcceptorPort;
  readonly #acceptor = new Acceptor();
  readonly #recall: VoterRecall;
  readonly #remembered = new Map<HostId, number>();
  /** The voters by one state, ascending: every record is sent to all of them. */
  #voters: { readonly state: RingState; readonly hostIds: readonly HostId[] } | null = null;
  #restored = false;
  #completeMark = 0;
  /** Completions of this epoch that another proposer's ballot stopped. */
  #stopped = 0;

  constructor(context: EpochContext, port: VoterPort) {
    this.#context = context;
    this.#port = port;
    this.#recall = new VoterRecall(context);
    this.#acceptorPort = {
      commit: (acceptor) => context.effects.commit([{ kind: 'acceptor', acceptor }]),
      answer: (to, message) => this.#say(to, message),
    };
  }

  get state(): AcceptorState {
    return this.#acceptor.state;
  }

  get restored(): boolean {
    return this.#restored;
  }

  /** Commit numbers to pass on to a host with records: its own, and those of the voters that it follows by host id. */
  votesFor(witness: HostId): RememberedVoter[] {
    const voters = this.#votersNow();
    const from = placeAmong(voters, witness) + voters.length;
    const votes: RememberedVoter[] = [];
    for (let back = 0; back <= Math.min(witnesses, voters.length - 1); back++) {
      const hostId = voters[(from - back) % voters.length]!;
      const commitNumber = this.known(hostId);
      if (commitNumber > 0) votes.push({ hostId, commitNumber });
    }
    return votes;
  }

  load(acceptor: AcceptorState | null, remembered: readonly RememberedVoter[]): void {
    if (acceptor !== null) this.#acceptor.load(acceptor);
    for (const { hostId, commitNumber } of remembered) this.#remembered.set(hostId, commitNumber);
  }

  /** This process may have voted in a life that it does not remember: no vote before the others were asked. */
  requireRecall(): void {
    this.#recall.require();
  }

  /** The history has grown: the next epoch is to be voted on, maybe by other voters. */
  advance(): void {
    const { log } = this.#context;
    this.#acceptor.advanceTo(log.position.epoch + 1);
    this.#stopped = 0;
    this.#look();
  }

  /** As `Acceptor.restart`, for the epoch after the history that is in force now. */
  restart(): AcceptorState {
    this.#stopped = 0;
    return this.#acceptor.restart(this.#context.log.position.epoch + 1);
  }

  /** The highest commit number that a host was heard to state; 0 when none. */
  known(hostId: HostId): number {
    if (hostId === this.#context.hostId) return this.#acceptor.durableCommitNumber;
    return this.#remembered.get(hostId) ?? 0;
  }

  /** Remembers what a voter said of itself, or others of it; what they say of this one may show that it is restored. */
  remember(witness: HostId, { hostId, commitNumber }: RememberedVoter): void {
    const { effects, log, hostId: self } = this.#context;
    if (hostId === self) this.#compareMemory(witness, commitNumber);
    else if (commitNumber > this.known(hostId) && log.state?.members.has(hostId)) {
      this.#remembered.set(hostId, commitNumber);
      effects.save({ kind: 'remembered', voter: { hostId, commitNumber } });
    }
  }

  /** A request on the epoch after this node's last record, on the same history. */
  asked(from: HostId, request: Prepare | Accept): void {
    const { hostId, log } = this.#context;
    if (from !== hostId) this.#compareMemory(from, request.known);
    const why = this.#whyNot(from);
    if (why !== null) return this.reject(from, request, why, null);
    let rejection: Rejection | null;
    if (request.kind === 'prepare') rejection = this.#acceptor.prepare(from, request, this.#acceptorPort);
    else {
      const next = foldRecord(log.state, request.record);
      if (isRefusal(next) || next.lineage !== log.state?.lineage) {
        return this.#context.dropped(from, `accept: ${isRefusal(next) ? next.reason : 'a record of another lineage'}`);
      }
      rejection = this.#acceptor.accept(from, request, this.#acceptorPort);
    }
    if (rejection !== null) this.reject(from, request, 'ballot', rejection);
    else this.armCompletion();
  }

  reject(from: HostId, request: Prepare | Accept, reason: Reject['reason'], rejection: Rejection | null): void {
    const { epoch, ballot } = request;
    const at = (reason === 'fork' ? this.#context.log.positionAt(epoch - 1) : null) ?? this.#context.log.position;
    this.#say(from, { kind: 'reject', epoch, ballot, reason, promised: rejection?.promised ?? null, at });
  }

  committed(acceptor: AcceptorState): void {
    this.#acceptor.committed(acceptor, this.#acceptorPort);
  }

  recalled(from: HostId, known: number): void {
    this.#compareMemory(from, known);
    this.#recall.answered(from);
    this.#look();
  }

  recallTimer(mark: number): void {
    this.#recall.timer(mark, this.#others(), this.#acceptor.durableCommitNumber);
  }

  /** An acceptance is held: unless the epoch is decided, or another works on it meanwhile, it will be proposed again. */
  armCompletion(): void {
    const { effects, timings } = this.#context;
    if (this.state.accepted === null || this.#restored) return;
    const delayMs = Math.min(timings.completeAfterMs * 2 ** this.#stopped, 4 * timings.completeAfterMs);
    effects.schedule('complete', ++this.#completeMark, 2 * this.#context.jitter(delayMs));
  }

  /** A completion met a higher ballot: whoever has that one is left more time. */
  completionStopped(): void {
    this.#stopped++;
    this.armCompletion();
  }

  /** True if it is time to propose the acceptance again. */
  completionDue(mark: number): boolean {
    return mark === this.#completeMark && this.state.accepted !== null && !this.#restored;
  }

  #whyNot(from: HostId): Reject['reason'] | null {
    const { hostId, log } = this.#context;
    if (this.#restored) return 'restored';
    // A proposer's claim on its own acceptor is no vote: it only keeps the ballot from being used twice.
    if (!isVoter(log.state!, hostId)) return from === hostId ? null : 'notVoter';
    return this.#recall.pending ? 'recalling' : null;
  }

  #compareMemory(witness: HostId, known: number): void {
    const { commitNumber } = this.state;
    if (this.#restored || known <= commitNumber) return;
    this.#restored = true;
    this.#context.effects.emit({ kind: 'restored', known, commitNumber, witness });
    this.#port.restored();
  }

  #look(): void {
    const { log, hostId } = this.#context;
    // Who the others are is asked only while it matters: every record that is decided comes by here.
    if (this.#recall.pending && log.state !== null && isVoter(log.state, hostId))
      this.#recall.look(this.#others(), this.#acceptor.durableCommitNumber);
  }

  #others(): HostId[] {
    return this.#votersNow().filter((voter) => voter !== this.#context.hostId);
  }

  #votersNow(): readonly HostId[] {
    const { state } = this.#context.log;
    if (state === null) return [];
    if (this.#voters?.state !== state) this.#voters = { state, hostIds: votersOf(state) };
    return this.#voters.hostIds;
  }

  #say(to: HostId, message: PromiseAnswer | Accepted | Reject): void {
    if (to === this.#context.hostId) this.#port.answerSelf(message);
    else this.#context.effects.send(to, message);
  }
}

/** How many of these, ascending, come before a host. */
function placeAmong(hostIds: readonly HostId[], hostId: HostId): number {
  let low = 0;
  let high = hostIds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hostIds[middle]! < hostId) low = middle + 1;
    else high = middle;
  }
  return low;
}
