import type { RingRecord } from '../epoch/ring-record.ts';
import type { RingState } from '../epoch/ring-state.ts';
import { Bootstrap, type BootstrapOutcome, type BootstrapPort } from '../lifecycle/bootstrap.ts';
import type { JoinAnswer } from '../lifecycle/lifecycle-message.ts';
import type { Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';

/** Brings this node from "knows the cluster" to "ready": at once for an owner or an observer, by a bootstrap otherwise. */
export class JoinLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #port: BootstrapPort;
  #bootstrap: Bootstrap | null = null;
  #ready = false;

  /** `schemaAwaited`: what blocks a join request, or null. */
  constructor(context: NodeContext, membership: Membership, schemaAwaited: () => string | null) {
    this.#context = context;
    this.#membership = membership;
    this.#port = {
      isAlive: (hostId) => membership.isAlive(hostId),
      blocked: schemaAwaited,
      ask: (voter, request) => context.sendTo(voter, request),
      schedule: (attempt, delayMs) => context.effects.schedule({ kind: 'join', attempt }, delayMs),
      remember: (tokens) => context.effects.save({ kind: 'lifecycle', lifecycle: { phase: 'joining', tokens } }),
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

  /** Decides what is left to do. `remembered`: the tokens of an earlier start that was interrupted. */
  settle(remembered: readonly bigint[] = []): void {
    const { config, self, effects } = this.#context;
    const { state } = this.#membership;
    if (this.#ready || state === null) return;
    const member = state.members.get(self.hostId);
    const owner = member !== undefined && member.state !== 'joining';
    if (owner || (member === undefined && !config.join)) {
      this.#ready = true;
      effects.emit({ kind: 'ready' });
      return;
    }
    if (this.#bootstrap !== null) return;
    this.#bootstrap = new Bootstrap({
      hostId: self.hostId,
      count: config.tokens,
      initialTokens: config.initialTokens,
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

  decided(record: RingRecord, state: RingState): void {
    if (this.#bootstrap === null) this.settle();
    else this.#ended(this.#bootstrap.decided(record, state, this.#port));
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
