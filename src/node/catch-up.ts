import type { HostId } from '../base/id.ts';
import { secondMs } from '../base/time.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { NodeContext } from './node-context.ts';

/** Peers that are ahead are asked for records at most this often. */
const everyMs = secondMs;

/**
 * Catches up with peers that gossip a ring other than this node's. Who is ahead of us, or at our epoch with another chain
 * hash, is asked for its records, and asked again while that lasts, for nobody says twice where it stands; the answer brings us
 * up, or shows the fork.
 */
export class CatchUp {
  readonly #context: NodeContext;
  /** Hosts that gossiped such a position, until they no longer do. */
  readonly #ahead = new Set<HostId>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #planned = false;

  constructor(context: NodeContext) {
    this.#context = context;
  }

  /** A host gossiped where it stands. */
  sawPosition(hostId: HostId): void {
    if (!this.#isAhead(hostId)) return;
    this.#ahead.add(hostId);
    if (!this.#planned) this.timer();
  }

  /** True if somebody may be asked now, who then is. */
  mayAsk(): boolean {
    const { monotonicMs: nowMs } = this.#context.now;
    if (nowMs - this.#lastMs < everyMs) return false;
    this.#lastMs = nowMs;
    return true;
  }

  /** Asks one of those ahead, each in its turn, and again until none is left. */
  timer(): void {
    this.#planned = false;
    const { monotonicMs: nowMs } = this.#context.now;
    const waitMs = this.#lastMs + everyMs - nowMs;
    if (waitMs > 0) return this.#plan(waitMs);
    for (const hostId of this.#ahead) {
      this.#ahead.delete(hostId);
      if (!this.#isAhead(hostId)) continue;
      this.#ahead.add(hostId);
      this.#lastMs = nowMs;
      this.#context.sendTo(hostId, { kind: 'recordsRequest', at: this.#context.protocols.register.position });
      return this.#plan(everyMs);
    }
  }

  #plan(delayMs: number): void {
    this.#planned = true;
    this.#context.effects.schedule({ kind: 'catchUp' }, delayMs);
  }

  #isAhead(hostId: HostId): boolean {
    const said = this.#context.stateValue(hostId, ApplicationState.ringFingerprint);
    const { gossiper, register } = this.#context.protocols;
    // Where this node itself said that it stands, it is or is past.
    if (said === gossiper.self.values.get(ApplicationState.ringFingerprint)?.value) return false;
    const theirs = positionOf(said);
    const { position: mine } = register;
    if (theirs === null || theirs.epoch < mine.epoch) return false;
    return theirs.epoch > mine.epoch || theirs.chainHash !== mine.chainHash;
  }
}

/** Reads `<epoch>,<chain hash>,<fingerprint>`; null for anything else. */
function positionOf(text: string | null): { epoch: number; chainHash: string } | null {
  const match = /^(\d{1,15}),([0-9a-f]{32}),[0-9a-f]{16}$/.exec(text ?? '');
  return match === null ? null : { epoch: Number(match[1]), chainHash: match[2]! };
}
