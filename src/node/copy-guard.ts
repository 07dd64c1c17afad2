import { RingError } from '../base/error.ts';
import type { Address } from '../base/id.ts';
import type { SelfClaim } from '../gossip/gossiper.ts';
import type { Source } from './core-io.ts';
import type { NodeContext } from './node-context.ts';

/** Another process under this host id is asked, or told, this often: any of it may be lost. */
const everyMs = 500;
/** So often it is asked to prove itself; */
const asks = 4;
/** and so often, once it has, it is told of this one, until it says that it knows. */
const tells = 20;

/** Another process that may run under this host id. */
interface Encounter {
  /** Fresh, so that no answer to it can be an old one. */
  readonly probe: number;
  /** What is to be outbid if nobody answers. */
  readonly generation: number;
  readonly address: Address;
  readonly proven: boolean;
  pingsLeft: number;
}

/**
 * Guards the identity. A claim about this node that it did not make is one of three things: a second process runs on a
 * copy of the store (then an authenticated answer under this host id comes from the address it names, and both stop), a
 * leftover of the past, or a forgery (then nobody answers, and a higher generation outbids it). Whoever has the other's
 * proof does not stop before the other has its own: nobody would be left to give it.
 */
export class CopyGuard {
  readonly #context: NodeContext;
  #encounter: Encounter | null = null;

  constructor(context: NodeContext) {
    this.#context = context;
  }

  claimed(claim: SelfClaim): void {
    const { self, generation } = this.#context;
    if (claim.generation < generation || this.#encounter !== null) return;
    this.#context.log('warn', 'selfClaim', `${claim.from} passed on a claim about this node that it never made`, {
      ...claim,
    });
    const other = claim.bootNonce !== null && claim.bootNonce !== self.bootNonce;
    if (other && claim.address !== null && claim.address !== self.address) {
      this.#meet(claim.address, claim.generation, false);
    } else {
      this.#outbid(claim.generation);
    }
  }

  /** A frame under this host id with another boot nonce: a copy, or an old frame played again. Only an answer tells. */
  met(from: Source): void {
    if (this.#encounter === null) this.#meet(from.replyTo, this.#context.generation, false);
  }

  pong(from: Source, probe: number): void {
    if (this.#encounter?.probe !== probe || from.bootNonce === this.#context.self.bootNonce) return;
    this.proven(from.replyTo);
  }

  /**
   * Another process under this host id is alive: it answered a fresh probe, or spoke on a stream, whose keys are made of
   * fresh random bytes of both ends and cannot be played again.
   */
  proven(address: Address): void {
    if (this.#encounter?.proven !== true) this.#meet(address, this.#context.generation, true);
  }

  /** The other process has its proof. */
  known(): void {
    if (this.#encounter?.proven === true) this.#encounter.pingsLeft = 0;
  }

  timer(probe: number): void {
    const encounter = this.#encounter;
    if (encounter?.probe !== probe) return;
    if (encounter.pingsLeft > 0) return this.#ping(encounter);
    if (encounter.proven) return this.#stop(encounter.address);
    this.#encounter = null;
    this.#outbid(encounter.generation);
  }

  #meet(address: Address, generation: number, proven: boolean): void {
    const probe = this.#context.random.uint32();
    this.#encounter = { probe, generation, address, proven, pingsLeft: proven ? tells : asks };
    this.#ping(this.#encounter);
  }

  #ping(encounter: Encounter): void {
    const { probe, address, proven } = encounter;
    const { self, effects } = this.#context;
    encounter.pingsLeft--;
    const to = { hostId: self.hostId, address };
    effects.send(to, 'datagram', { kind: 'ping', probe });
    // To be pinged on a stream is a proof by itself, and says that whoever pings has its own.
    if (proven) effects.send(to, 'stream', { kind: 'ping', probe });
    effects.schedule({ kind: 'copyProbe', probe }, everyMs);
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
