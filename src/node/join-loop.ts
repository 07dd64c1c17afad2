import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import { isVoter, type RingState } from '../epoch/ring-state.ts';
import { Bootstrap, type BootstrapOutcome, type BootstrapPort } from '../lifecycle/bootstrap.ts';
import type { JoinAnswer } from '../lifecycle/lifecycle-message.ts';
import type { Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import type { StoredLifecycle } from './store-record.ts';

function cannotReplace(hostId: HostId, replaces: HostId): RingError {
  return new RingError('REFUSED', `${hostId} has a place of its own in the ring and cannot take that of ${replaces}`, {
    hint: 'start it without --replace; let a node with an empty data directory take the place',
  });
}

/** Brings this node from "knows the cluster" to "ready": at once for an owner or an observer, by a bootstrap otherwise. */
export class JoinLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #port: BootstrapPort;
  /** Whose place this node takes; null: a place of its own. */
  #replaces: HostId | null;
  #bootstrap: Bootstrap | null = null;
  #ready = false;

  /** `schemaAwaited`: what blocks a join request, or null. */
  constructor(context: NodeContext, membership: Membership, schemaAwaited: () => string | null) {
    this.#context = context;
    this.#membership = membership;
    this.#replaces = context.config.replace;
    this.#port = {
      isAlive: (hostId) => membership.isAlive(hostId),
      blocked: schemaAwaited,
      ask: (voter, request) => context.sendTo(voter, request),
      schedule: (attempt, delayMs) => context.effects.schedule({ kind: 'join', attempt }, delayMs),
      remember: (tokens) => this.#remember(tokens),
      log: (level, event, message, facts) => context.log(level, event, message, facts),
    };
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** What the joiner was told last; empty when no bootstrap runs. */
  get waitingFor(): string {
    return this.#bootstrap?.waitingFor ?? '';
  }

  /** Decides what is left to do. `remembered`: where an earlier start was interrupted. */
  settle(remembered: StoredLifecycle | null = null): void {
    const { config, self, effects } = this.#context;
    const { state } = this.#membership;
    if (this.#ready || state === null) return;
    const member = state.members.get(self.hostId);
    if (isVoter(state, self.hostId) || (member === undefined && !config.join)) {
      // Who has taken a place starts with that order again: then the place is its own, and the one before is no member.
      if (config.replace !== null && config.replace !== self.hostId && state.members.has(config.replace)) {
        return effects.emit({ kind: 'fatal', error: cannotReplace(self.hostId, config.replace) });
      }
      this.#ready = true;
      effects.emit({ kind: 'ready' });
      return;
    }
    if (this.#bootstrap !== null) return;
    this.#replaces ??= remembered?.replaces ?? null;
    this.#begin(state, remembered?.tokens ?? []);
  }

  /** An observer joins. Throws RingError UNAVAILABLE or REFUSED; nothing has changed then. */
  join(): void {
    const { state } = this.#membership;
    if (state === null) throw new RingError('UNAVAILABLE', 'no ring is known yet', { hint: 'try again soon' });
    const member = state.members.get(this.#context.self.hostId);
    if (this.#bootstrap !== null || member !== undefined) {
      const hint = 'there is nothing to join: look at `ringctl status`';
      throw new RingError('REFUSED', `this node is ${member?.state ?? 'joining'} already`, {
        hint,
        details: { rule: 'alreadyJoined' },
      });
    }
    this.#begin(state, []);
  }

  #begin(state: RingState, remembered: readonly bigint[]): void {
    const { config, self } = this.#context;
    const member = state.members.get(self.hostId);
    if (this.#replaces !== null) this.#remember([]);
    this.#bootstrap = new Bootstrap({
      hostId: self.hostId,
      count: config.tokens,
      replaces: this.#replaces,
      initialTokens: config.initialTokens,
      strict: config.strictJoin,
      remembered: member?.tokens ?? remembered,
      blockedTimeoutMs: config.schemaTimeoutMs,
    });
    this.#bootstrap.begin(state, this.#port);
  }

  timer(attempt: number): void {
    const { state } = this.#membership;
    if (state !== null) this.#ended(this.#bootstrap?.timer(attempt, state, this.#port) ?? null);
  }

  answered(from: Source, answer: JoinAnswer): void {
    const { state } = this.#membership;
    if (state !== null) this.#ended(this.#bootstrap?.answered(from.hostId, answer, state, this.#port) ?? null);
  }

  decided(record: RingRecord | null, state: RingState): void {
    if (this.#bootstrap === null) this.settle();
    else this.#ended(this.#bootstrap.decided(record, state, this.#port));
  }

  #remember(tokens: readonly bigint[]): void {
    const replaces = this.#replaces === null ? {} : { replaces: this.#replaces };
    this.#context.effects.save({ kind: 'lifecycle', lifecycle: { phase: 'joining', tokens, ...replaces } });
  }

  #ended(outcome: BootstrapOutcome | null): void {
    if (outcome === null) return;
    this.#bootstrap = null;
    if (outcome.kind === 'failed') {
      this.#context.effects.emit({ kind: 'fatal', error: outcome.error });
      return;
    }
    this.#context.effects.save({ kind: 'lifecycle', lifecycle: { phase: 'joined', tokens: [] } });
    this.settle();
  }
}
