import type { HostId } from '../base/id.ts';
import { secondMs } from '../base/time.ts';
import type { OpenOperation } from '../epoch/ring-snapshot.ts';
import type { OperationAnswer, OperationAsk, OperationQuery } from './lifecycle-message.ts';
import type { StepStanding } from './step-standing.ts';

/** Questions without an answer at once, at most. */
const maxInFlight = 100;
/** Who has not said what is waited for is asked again after this. */
const repeatMs = secondMs;

export interface StepPollPort {
  /** Of the ring by which this node judges. */
  ringFingerprint(): string;
  /** The own node answers at once, the others by message. */
  ask(hostId: HostId, query: OperationQuery): OperationAnswer | null;
}

/**
 * What the members have said of one step of the open operation, to the voter that drives it. Nothing of it is kept: whoever
 * drives next asks anew.
 */
export class StepPoll {
  readonly #answers = new Map<HostId, OperationAnswer>();
  readonly #asked = new Map<HostId, { readonly ask: OperationAsk; readonly atMs: number }>();
  readonly #unanswered = new Set<HostId>();
  #operationId = '';
  #stepEpoch = 0;
  #sinceMs: number | null = null;

  /** Forgets what was said of an earlier step. */
  follow({ operationId, stepEpoch }: Pick<OpenOperation, 'operationId' | 'stepEpoch'>): void {
    if (this.#operationId === operationId && this.#stepEpoch === stepEpoch) return;
    this.#operationId = operationId;
    this.#stepEpoch = stepEpoch;
    this.#sinceMs = null;
    for (const each of [this.#answers, this.#asked, this.#unanswered]) each.clear();
  }

  answerOf(hostId: HostId): OperationAnswer | null {
    return this.#answers.get(hostId) ?? null;
  }

  /** How long this node has been asking about the step. */
  askingForMs(nowMs: number): number {
    return this.#sinceMs === null ? 0 : nowMs - this.#sinceMs;
  }

  /** True if it was of the step asked about and nobody else is waited for: time to look what can be done. */
  answered(from: HostId, answer: OperationAnswer): boolean {
    if (answer.operationId !== this.#operationId) return false;
    this.#answers.set(from, answer);
    this.#unanswered.delete(from);
    return this.#unanswered.size === 0;
  }

  /** Asks those who were not asked this yet, or a while ago. */
  ask(
    nowMs: number,
    { asks: hosts, unacknowledged }: Pick<StepStanding, 'asks' | 'unacknowledged'>,
    port: StepPollPort,
  ): void {
    this.#sinceMs ??= nowMs;
    for (const hostId of this.#unanswered) if (!hosts.has(hostId)) this.#unanswered.delete(hostId);
    for (const [hostId, ask] of hosts) {
      const last = this.#asked.get(hostId);
      if (last?.ask === ask && nowMs - last.atMs < repeatMs) continue;
      if (this.#unanswered.size >= maxInFlight && !this.#unanswered.has(hostId)) continue;
      this.#asked.set(hostId, { ask, atMs: nowMs });
      const query = {
        kind: 'operationQuery',
        operationId: this.#operationId,
        stepEpoch: this.#stepEpoch,
        ringFingerprint: port.ringFingerprint(),
        ask,
        unacknowledged: ask === 'move' ? unacknowledged : [],
      } as const;
      const answer = port.ask(hostId, query);
      if (answer === null) this.#unanswered.add(hostId);
      else this.#answers.set(hostId, answer);
    }
  }
}
