import type { Address, HostId } from '../base/id.ts';
import type { Random } from '../base/random.ts';
import type { Now } from '../base/time.ts';
import type { FailureDetector } from '../detector/failure-detector.ts';
import type { EpochRegister } from '../epoch/epoch-register.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { Gossiper } from '../gossip/gossiper.ts';
import type { SchemaBook } from '../schema/schema-book.ts';
import type { Effects } from './core-io.ts';
import type { Channel, SingleMessage } from './message.ts';
import { messageBytes } from './message-bytes.ts';
import type { NodeConfig } from './node-config.ts';
import type { Outbox } from './outbox.ts';
import type { SharedRing } from './shared-ring.ts';
import type { StoreRecord } from './store-record.ts';

/** Who this process is, fixed at its start. */
export interface Self {
  readonly hostId: HostId;
  readonly bootNonce: string;
  readonly address: Address;
  readonly httpAddress: Address | null;
}

/** The four protocols that the node joins. They are blind to one another. */
export interface Protocols {
  readonly gossiper: Gossiper;
  /** The cluster's; null until the cluster is known. */
  detector: FailureDetector | null;
  readonly register: EpochRegister;
  readonly schema: SchemaBook;
}

/**
 * What the node's procedures share: identity, protocols, and the `now` and `effects` of the step that is running. Only
 * `NodeCore.step` moves those two.
 */
export class NodeContext {
  readonly config: NodeConfig;
  readonly random: Random;
  /** When in their intervals this node's periodic timers are due, 0 to 1: together, so that they wake it once. */
  readonly phase: number;
  readonly self: Self;
  readonly protocols: Protocols;
  readonly sharedRing: SharedRing;
  /** Null until the node has founded or learned its cluster. */
  clusterId: string | null = null;
  generation = 0;
  now: Now;
  effects: Effects;
  /** Joins what a step sends by datagram; null while each message leaves as it is. */
  outbox: Outbox | null = null;
  readonly #afterCommit = new Map<readonly StoreRecord[], () => void>();

  constructor(options: {
    config: NodeConfig;
    random: Random;
    self: Self;
    protocols: Protocols;
    sharedRing: SharedRing;
    now: Now;
    effects: Effects;
  }) {
    this.config = options.config;
    this.random = options.random;
    this.phase = options.random.fraction();
    this.self = options.self;
    this.protocols = options.protocols;
    this.sharedRing = options.sharedRing;
    this.now = options.now;
    this.effects = options.effects;
  }

  /** The gossip address that a host last published, or null for one never heard of. */
  addressOf(hostId: HostId): Address | null {
    return this.stateValue(hostId, ApplicationState.address);
  }

  stateValue(hostId: HostId, key: string): string | null {
    return this.protocols.gossiper.stateOf(hostId)?.values.get(key)?.value ?? null;
  }

  /** How differences are found: as configured, else as the cluster's detector allows. */
  get antiEntropy(): 'periodic' | 'roots' {
    return this.config.antiEntropy ?? (this.detector === 'swim' ? 'roots' : 'periodic');
  }

  /** The cluster's detector; before the cluster is known, the one that this node would found it with. */
  get detector(): 'phi' | 'swim' {
    return this.protocols.register.state?.detector ?? this.config.detector;
  }

  /** Sends to a host by its published address; nothing happens when that is unknown. */
  sendTo(hostId: HostId, message: SingleMessage, channel: Channel | null = null): void {
    const address = this.addressOf(hostId);
    if (address !== null) this.send(hostId, address, message, channel);
  }

  /** Sends to a host at an address. Without a channel: by datagram if it fits one, else by stream. */
  send(hostId: HostId, address: Address, message: SingleMessage, channel: Channel | null = null): void {
    const chosen = channel ?? (messageBytes(message) > this.config.maxDatagramBytes ? 'stream' : 'datagram');
    if (chosen === 'datagram' && this.outbox !== null) this.outbox.add({ hostId, address }, message);
    else this.effects.send({ hostId, address }, chosen, message);
  }

  /** Commits a batch; `then` runs in the step in which the driver says that it is durable. */
  commit(batch: readonly StoreRecord[], then: () => void): void {
    this.#afterCommit.set(batch, then);
    this.effects.commit(batch);
  }

  committed(batch: readonly StoreRecord[]): void {
    const then = this.#afterCommit.get(batch);
    this.#afterCommit.delete(batch);
    then?.();
  }

  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    message: string,
    facts: Readonly<Record<string, unknown>> = {},
  ): void {
    this.effects.emit({ kind: 'log', level, event, message, facts });
  }
}
