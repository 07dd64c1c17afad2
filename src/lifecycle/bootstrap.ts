import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import { type RingState, votersOf } from '../epoch/ring-state.ts';
import type { Token } from '../token/token.ts';
import type { LifecycleLog } from './lifecycle-log.ts';
import type { JoinAnswer, JoinRequest, ReplaceRequest } from './lifecycle-message.ts';

/** A join request is repeated this often until the records name the joiner. */
const retryMs = 1_000;
/** A voter that leaves this many requests unanswered is passed over for the next one. */
const patience = 3;

export interface BootstrapPort extends LifecycleLog {
  isAlive(hostId: HostId): boolean;
  /** Why the request cannot leave yet (a schema version that others hold is not known here), or null. */
  blocked(): string | null;
  ask(voter: HostId, request: JoinRequest | ReplaceRequest): void;
  /** Comes back as `timer`. */
  schedule(attempt: number, delayMs: number): void;
  /** A join that is aborted, or interrupted by a restart, asks for the same tokens: what was moved for them is not in vain. */
  remember(tokens: readonly Token[]): void;
}

export type BootstrapOutcome = { readonly kind: 'joined' } | { readonly kind: 'failed'; readonly error: RingError };

/**
 * The joiner's side of a bootstrap: ask the lowest live voter to take it into a `begin`, and follow the records until they
 * say NORMAL. The voter chooses the tokens, for all joiners that it gathered one after the other: chosen by the joiners
 * themselves, each from its own view, they would be the same (CASSANDRA-16364). A joiner that insists on tokens and clashes
 * is told. Nothing hangs on one voter: a silent one is passed over. The voters' side is `join-queue.ts` and
 * `operation-driver.ts`. (Cassandra: StorageService.joinTokenRing, BootStrapper)
 */
export class Bootstrap {
  readonly #hostId: HostId;
  readonly #count: number;
  readonly #replaces: HostId | null;
  readonly #initialTokens: readonly Token[];
  readonly #strict: boolean;
  readonly #blockedTimeoutMs: number;
  #tokens: readonly Token[];
  #attempt = 0;
  #unanswered = 0;
  #passedOver = new Set<HostId>();
  #told = '';
  #blockedAsks = 0;
  #done = false;

  constructor(options: {
    hostId: HostId;
    /** How many tokens, where none are given. */
    count: number;
    /** Whose place to take, with its tokens; null: a place of its own. */
    replaces: HostId | null;
    /** Those that the operator demands: they, or no join. Empty: any. */
    initialTokens: readonly Token[];
    /** Those of an earlier start that was interrupted, or none: asked for as long as they are free. */
    remembered: readonly Token[];
    /** False: also where ranges have too few live sources. */
    strict: boolean;
    /** How long the request may be blocked before the join is given up. */
    blockedTimeoutMs: number;
  }) {
    this.#blockedTimeoutMs = options.blockedTimeoutMs;
    this.#hostId = options.hostId;
    this.#count = options.count;
    this.#replaces = options.replaces;
    this.#initialTokens = options.initialTokens;
    this.#strict = options.strict;
    const { initialTokens, remembered, count } = options;
    this.#tokens = initialTokens.length > 0 ? initialTokens : remembered.length === count ? remembered : [];
  }

  /** What the joiner was told last, for people. */
  get waitingFor(): string {
    return this.#told;
  }

  begin(state: RingState, port: BootstrapPort): void {
    this.#ask(state, port);
  }

  timer(attempt: number, state: RingState, port: BootstrapPort): BootstrapOutcome | null {
    if (this.#done || attempt !== this.#attempt) return null;
    this.#ask(state, port);
    if (this.#blockedAsks * retryMs < this.#blockedTimeoutMs) return null;
    return this.#fail(
      new RingError('TIMEOUT', `the join was blocked for ${this.#blockedTimeoutMs} ms: ${this.#told}`, {
        hint: 'start who holds that version, or skip it by version or host with skipSchema',
      }),
    );
  }

  answered(from: HostId, answer: JoinAnswer, state: RingState, port: BootstrapPort): BootstrapOutcome | null {
    if (this.#done) return null;
    this.#unanswered = 0;
    this.#passedOver.clear();
    if (answer.outcome !== 'refused') {
      this.#tell(answer.reason, port);
      return null;
    }
    if (answer.taken.length > 0 && this.#initialTokens.length === 0) {
      port.log(
        'warn',
        'tokensTaken',
        `${answer.taken.length} of the tokens of the last attempt are taken; asking for others`,
        {},
      );
      this.#tokens = [];
      this.#ask(state, port);
      return null;
    }
    return this.#fail(
      new RingError('REFUSED', `the cluster refused this node: ${answer.reason}`, {
        hint: answer.taken.length > 0 ? 'give other --initial-tokens, or none' : 'look at `ringctl status` of a member',
        details: { from },
      }),
    );
  }

  /** Follows the records, or the fold alone where there is none. The tokens that count are those of the record. */
  decided(record: RingRecord | null, state: RingState, port: BootstrapPort): BootstrapOutcome | null {
    if (this.#done) return null;
    const member = state.members.get(this.#hostId);
    if (member !== undefined && member.state !== 'joining' && member.state !== 'replacing') {
      this.#done = true;
      return { kind: 'joined' };
    }
    if (member !== undefined) {
      if (this.#tokens.join() !== member.tokens.join()) port.remember(member.tokens);
      this.#tokens = member.tokens;
      this.#tell(`${record?.kind ?? 'the ring'} of epoch ${state.epoch} is decided; JOINING`, port);
    } else if (record?.kind === 'abort' && this.#told !== '') {
      this.#tell(`the operation was aborted at epoch ${state.epoch}; asking again`, port);
    }
    return null;
  }

  #fail(error: RingError): BootstrapOutcome {
    this.#done = true;
    return { kind: 'failed', error };
  }

  #ask(state: RingState, port: BootstrapPort): void {
    this.#attempt++;
    port.schedule(this.#attempt, retryMs);
    // Once the records name the joiner, the voters drive; the request has done its work.
    if (state.members.has(this.#hostId)) return;
    const blocked = port.blocked();
    this.#blockedAsks = blocked === null ? 0 : this.#blockedAsks + 1;
    if (blocked !== null) return this.#tell(blocked, port);
    const alive = votersOf(state).filter((voter) => port.isAlive(voter));
    if (this.#unanswered >= patience && alive[0] !== undefined) {
      this.#unanswered = 0;
      this.#passedOver.add(alive.find((voter) => !this.#passedOver.has(voter)) ?? alive[0]);
    }
    if (alive.every((voter) => this.#passedOver.has(voter))) this.#passedOver.clear();
    const voter = alive.find((each) => !this.#passedOver.has(each));
    if (voter === undefined) {
      this.#tell(`no owner of the ring is in reach (${votersOf(state).length} in all)`, port);
      return;
    }
    this.#unanswered++;
    const count = this.#tokens.length || this.#count;
    const strict = this.#strict;
    if (this.#replaces !== null) port.ask(voter, { kind: 'replaceRequest', replaces: this.#replaces, strict });
    else port.ask(voter, { kind: 'joinRequest', tokens: this.#tokens, count, strict });
  }

  #tell(what: string, port: BootstrapPort): void {
    if (what === this.#told) return;
    this.#told = what;
    port.log('info', 'joining', what, {});
  }
}

/** Every token that somebody else owns or is about to own. */
export function ownedTokens(state: RingState, except: HostId | null): Set<Token> {
  const owned = new Set<Token>();
  for (const member of state.members.values()) {
    if (member.hostId !== except) for (const token of member.tokens) owned.add(token);
  }
  for (const subject of state.operation?.subjects ?? []) {
    if (subject.hostId !== except) for (const token of subject.tokens) owned.add(token);
  }
  return owned;
}
