import { RingError } from '../base/error.ts';
import type { Address } from '../base/id.ts';
import type { SelfClaim } from '../gossip/gossiper.ts';
import type { Source } from './core-io.ts';
import type { NodeContext } from './node-context.ts';

/** How long another process under this host id may take to prove itself. */
const proofMs = 2_000;
/** Once it has, how long this one goes on answering, so that the other gets its proof too. */
const graceMs = 500;

/**
 * Guards the identity. A claim about this node that it did not make is one of three things: a second process runs on a
 * copy of the store (then an authenticated answer under this host id comes from the address it names, and both stop), a
 * leftover of the past, or a forgery (then nobody answers, and a higher generation outbids it).
 */
export class CopyGuard {
  readonly #context: NodeContext;
  #probe: { readonly probe: number; readonly generation: number } | null = null;
  /** Where the other process answered from. */
  #proven: Address | null = null;

  constructor(context: NodeContext) {
    this.#context = context;
  }

  claimed(claim: SelfClaim): void {
    const { self, generation } = this.#context;
    if (claim.generation < generation || this.#probe !== null || this.#proven !== null) return;
    this.#context.log('warn', 'selfClaim', `${claim.from} passed on a claim about this node that it never made`, {
      ...claim,
    });
    const other = claim.bootNonce !== null && claim.bootNonce !== self.bootNonce;
    if (other && claim.address !== null && claim.address !== self.address) {
      this.#ask(claim.address, claim.generation);
    } else {
      this.#outbid(claim.generation);
    }
  }

  /** A frame under this host id with another boot nonce: a copy, or an old frame played again. Only an answer tells. */
  met(from: Source): void {
    if (from.bootNonce !== this.#context.self.bootNonce && this.#probe === null && this.#proven === null) {
      this.#ask(from.replyTo, this.#context.generation);
    }
  }

  pong(from: Source, probe: number): void {
    if (this.#probe?.probe !== probe || from.bootNonce === this.#context.self.bootNonce) return;
    this.proven(from.replyTo);
  }

  /**
   * Another process under this host id is alive: it answered a fresh probe, or spoke on a stream, whose keys are made of
   * fresh random bytes of both ends and cannot be played again.
   */
  proven(address: Address): void {
    if (this.#proven !== null) return;
    this.#proven = address;
    const probe = this.#context.random.uint32();
    this.#probe = { probe, generation: this.#context.generation };
    const { self, effects } = this.#context;
    // To be spoken to on a stream is its proof, and no lost datagram keeps it from the other.
    effects.send({ hostId: self.hostId, address }, 'stream', { kind: 'ping', probe });
    effects.schedule({ kind: 'copyProbe', probe }, graceMs);
  }

  timer(probe: number): void {
    if (this.#probe?.probe !== probe) return;
    if (this.#proven !== null) return this.#stop(this.#proven);
    const { generation } = this.#probe;
    this.#probe = null;
    this.#outbid(generation);
  }

  #stop(other: Address): void {
    const { hostId, address } = this.#context.self;
    this.#context.effects.emit({
      kind: 'fatal',
      error: new RingError(
        'HOST_ID_COPIED',
        `two running nodes have the host id ${hostId}: this one at ${address} and one at ${other}; both stop`,
        {
          hint: 'one data directory is a copy: delete the copy, start the original again, and give the other node an empty directory',
          details: { hostId, other },
        },
      ),
    });
  }

  #ask(address: Address, generation: number): void {
    const { self, random, effects } = this.#context;
    const probe = random.uint32();
    this.#probe = { probe, generation };
    effects.send({ hostId: self.hostId, address }, 'datagram', { kind: 'ping', probe });
    effects.schedule({ kind: 'copyProbe', probe }, proofMs);
  }

  /** Takes a generation above the claim, durable before it is said. */
  #outbid(claimed: number): void {
    const context = this.#context;
    if (claimed < context.generation) return;
    const generation = claimed + 1;
    context.generation = generation;
    context.commit([identityRecord(context)], () => {
      if (context.generation === generation) context.protocols.gossiper.raiseGeneration(generation);
    });
  }
}

/** This node's identity as the store keeps it. */
export function identityRecord(context: NodeContext): {
  readonly kind: 'identity';
  readonly identity: {
    hostId: string;
    clusterName: string;
    clusterId: string | null;
    generation: number;
    datacenter: string;
    rack: string;
  };
} {
  const { config, self, clusterId, generation } = context;
  return {
    kind: 'identity',
    identity: {
      hostId: self.hostId,
      clusterName: config.clusterName,
      clusterId,
      generation,
      datacenter: config.datacenter,
      rack: config.rack,
    },
  };
}
