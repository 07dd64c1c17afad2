import type { HostId } from '../base/id.ts';
import { secondMs } from '../base/time.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { Source } from './core-io.ts';
import type { NodeContext } from './node-context.ts';

/** A restart is known everywhere sooner than this; told again as often. */
const patienceMs = 2 * secondMs;

/**
 * Notices that two other processes run under one host id. Started within one second from copies of one store, they have one
 * generation and say the same of themselves, so gossip finds no difference between them, and neither hears of the other.
 * Whoever is spoken to by one whose boot nonce is not the known one tells it what is known; the guard of its identity
 * (`copy-guard.ts`) does the rest.
 */
export class TwinWitness {
  readonly #context: NodeContext;
  /**
   * Who speaks with a boot nonce that its state does not have: with which, and since when or when it was told last. Null
   * while nobody ever did: every message asks.
   */
  #strange: Map<HostId, { readonly bootNonce: string; sinceMs: number }> | null = null;

  constructor(context: NodeContext) {
    this.#context = context;
  }

  heard({ hostId, bootNonce, replyTo }: Source): void {
    const known = this.#context.stateValue(hostId, ApplicationState.bootNonce);
    const strange = this.#strange?.get(hostId);
    if (known === null || known === bootNonce) {
      if (strange?.bootNonce === bootNonce) this.#strange?.delete(hostId);
      return;
    }
    const nowMs = this.#context.now.monotonicMs;
    if (strange?.bootNonce !== bootNonce) {
      this.#strange ??= new Map();
      this.#strange.set(hostId, { bootNonce, sinceMs: nowMs });
    } else if (nowMs - strange.sinceMs >= patienceMs) {
      strange.sinceMs = nowMs;
      const { gossiper } = this.#context.protocols;
      this.#context.send(hostId, replyTo, { kind: 'ack2', deltas: gossiper.wholeState(hostId) });
    }
  }
}
