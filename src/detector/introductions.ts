import type { HostId } from '../base/id.ts';
import type { ProbeLedger } from './probe-ledger.ts';
import type { SwimContext } from './swim-context.ts';

/** So many hosts at once are dead until they answer; in larger clusters the rest is believed until a probe fails. */
export const maxIntroductions = 64;
/** A host that does not answer is asked again after the longest probe timeout, then after twice as long, up to this. */
const maxWaitMs = 8_000;

/**
 * Asks hosts that this node has just learned of whether they live: hearsay is no proof of it, and their turn in the round
 * robin may be minutes away. Each is asked until it answers or is held for dead, so that no single lost message matters.
 */
export class Introductions {
  readonly #context: SwimContext;
  readonly #ledger: ProbeLedger;
  /** Number of the newest question to each host that has not answered. */
  readonly #asked = new Map<HostId, number>();

  constructor(context: SwimContext, ledger: ProbeLedger) {
    this.#context = context;
    this.#ledger = ledger;
  }

  /** Whether one more host may be taken for dead until it answers. */
  get hasRoom(): boolean {
    return this.#asked.size < maxIntroductions;
  }

  introduce(hostId: HostId): void {
    this.#ask(hostId, this.#context.timings.maxProbeTimeoutMs);
  }

  /** No answer came for so long. */
  due(hostId: HostId, number: number, waitedMs: number): void {
    if (this.#asked.get(hostId) !== number) return;
    if (!this.#context.table.isUnproven(hostId)) this.#asked.delete(hostId);
    else {
      this.#ask(hostId, Math.min(maxWaitMs, 2 * waitedMs));
      this.#ledger.send(hostId, 'stream');
    }
  }

  /** The host answered, or is known no more. */
  end(hostId: HostId): void {
    this.#asked.delete(hostId);
  }

  #ask(hostId: HostId, waitMs: number): void {
    const number = this.#ledger.send(hostId);
    this.#asked.set(hostId, number);
    this.#context.schedule({ kind: 'introduction', hostId, number, waitMs }, waitMs);
  }
}
