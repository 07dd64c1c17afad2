import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { OperationReport, ViewAnswer } from '../lifecycle/lifecycle-message.ts';
import type { ViewSurvey } from './command.ts';
import type { Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';

/** Questions under way at once. */
const maxInFlight = 100;
/** A question is repeated after this, so that one lost datagram is no silence. */
const repeatMs = 300;

interface Asking {
  readonly commandId: number;
  readonly deadlineMs: number;
  readonly waiting: HostId[];
  readonly inFlight: Set<HostId>;
  readonly answers: ViewSurvey['answers'][number][];
  readonly silent: HostId[];
}

/**
 * Who must know now whether all agree asks the members directly: relayed state may be seconds old. Live members are
 * asked, at most 100 at once; dead ones are silent by definition.
 */
export class Survey {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #open = new Map<number, Asking>();
  readonly #report: () => OperationReport | null;

  /** `report`: where the open operation stands here. */
  constructor(context: NodeContext, membership: Membership, report: () => OperationReport | null) {
    this.#context = context;
    this.#membership = membership;
    this.#report = report;
  }

  /** Asks these members, or all for null. */
  begin(commandId: number, timeoutMs: number, asked: ReadonlySet<HostId> | null): void {
    const { self, now, random, effects } = this.#context;
    const ring = this.#membership.ring();
    if (ring === null) {
      effects.complete(commandId, { error: new RingError('UNAVAILABLE', 'no ring is known yet') });
      return;
    }
    const others = this.#membership
      .members()
      .filter(({ state, hostId }) => state !== null && hostId !== self.hostId && asked?.has(hostId) !== false);
    const asking: Asking = {
      commandId,
      deadlineMs: now.monotonicMs + timeoutMs,
      waiting: others.filter((member) => member.liveness !== 'dead').map((member) => member.hostId),
      inFlight: new Set(),
      answers: [],
      silent: others.filter((member) => member.liveness === 'dead').map((member) => member.hostId),
    };
    if (this.#membership.isMember(self.hostId) && asked?.has(self.hostId) !== false) {
      asking.answers.push({
        hostId: self.hostId,
        address: self.address,
        schemaVersion: this.#context.protocols.schema.version,
        ringFingerprint: ring.fingerprint,
        epoch: ring.epoch,
        operation: this.#report(),
      });
    }
    const query = random.uint32();
    this.#open.set(query, asking);
    effects.schedule({ kind: 'query', query }, Math.min(repeatMs, timeoutMs));
    this.#advance(query, asking);
  }

  /** Somebody else asks: what this node holds right now. Silent while it knows no ring. */
  answer(from: Source, query: number): void {
    const { protocols, generation } = this.#context;
    const ring = this.#membership.ring();
    if (ring === null) return;
    this.#context.send(from.hostId, from.replyTo, {
      kind: 'viewAnswer',
      query,
      generation,
      schemaVersion: protocols.schema.version,
      ringFingerprint: ring.fingerprint,
      at: protocols.register.position,
      operation: this.#report(),
    });
  }

  answered(from: HostId, answer: ViewAnswer): void {
    const asking = this.#open.get(answer.query);
    if (asking === undefined || !asking.inFlight.delete(from)) return;
    asking.answers.push({
      hostId: from,
      address: this.#context.addressOf(from) ?? '?',
      schemaVersion: answer.schemaVersion,
      ringFingerprint: answer.ringFingerprint,
      epoch: answer.at.epoch,
      operation: answer.operation,
    });
    this.#advance(answer.query, asking);
  }

  timer(query: number): void {
    const asking = this.#open.get(query);
    if (asking === undefined) return;
    if (this.#context.now.monotonicMs >= asking.deadlineMs) {
      asking.silent.push(...asking.inFlight, ...asking.waiting.splice(0));
      asking.inFlight.clear();
    }
    for (const hostId of asking.inFlight) this.#context.sendTo(hostId, { kind: 'viewRequest', query });
    this.#advance(query, asking);
    if (!this.#open.has(query)) return;
    const leftMs = asking.deadlineMs - this.#context.now.monotonicMs;
    this.#context.effects.schedule({ kind: 'query', query }, Math.max(1, Math.min(repeatMs, leftMs)));
  }

  /** Asks the next ones, or completes the command once nobody is left to wait for. */
  #advance(query: number, asking: Asking): void {
    while (asking.inFlight.size < maxInFlight && asking.waiting.length > 0) {
      const hostId = asking.waiting.shift()!;
      asking.inFlight.add(hostId);
      this.#context.sendTo(hostId, { kind: 'viewRequest', query });
    }
    if (asking.inFlight.size > 0) return;
    this.#open.delete(query);
    const survey: ViewSurvey = {
      answers: asking.answers,
      silent: asking.silent.map((hostId) => ({ hostId, address: this.#context.addressOf(hostId) ?? '?' })),
    };
    this.#context.effects.complete(asking.commandId, { ok: survey });
  }
}
