import type { CopyGuard } from './copy-guard.ts';
import type { Source } from './core-io.ts';
import type { DetectorLoop } from './detector-loop.ts';
import type { GossipLoop } from './gossip-loop.ts';
import type { JoinLoop } from './join-loop.ts';
import type { Membership } from './membership.ts';
import type { Channel, Message, SingleMessage } from './message.ts';
import type { NodeContext } from './node-context.ts';
import type { OperationLoop } from './operation-loop.ts';
import type { RingLoop } from './ring-loop.ts';
import type { Rumors } from './rumor-message.ts';
import type { SchemaLoop } from './schema-loop.ts';
import type { Startup } from './startup.ts';
import type { Survey } from './survey.ts';
import { TwinWitness } from './twin-witness.ts';

/** The procedures that take messages. */
export interface Receivers {
  readonly startup: Startup;
  readonly gossip: GossipLoop;
  readonly detector: DetectorLoop;
  readonly ring: RingLoop;
  readonly operations: OperationLoop;
  readonly schema: SchemaLoop;
  readonly join: JoinLoop;
  readonly survey: Survey;
  readonly copyGuard: CopyGuard;
}

/** Gives each message to the procedure that takes it. Until the node runs, only the shadow round is heard. */
export class Inbox {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #receivers: Receivers;
  readonly #twins: TwinWitness;

  constructor(context: NodeContext, membership: Membership, receivers: Receivers) {
    this.#context = context;
    this.#membership = membership;
    this.#receivers = receivers;
    this.#twins = new TwinWitness(context);
  }

  /** The messages of a bundle are taken one after the other, as if each had come alone. */
  take(from: Source, message: Message, channel: Channel, running: boolean): void {
    const messages = message.kind === 'bundle' ? message.messages : [message];
    for (const each of messages) this.#take(from, each, channel, running);
  }

  #take(from: Source, message: SingleMessage, channel: Channel, running: boolean): void {
    const { startup, gossip, detector, ring, operations, schema, join, survey } = this.#receivers;
    if (from.hostId === this.#context.self.hostId) return this.#fromOwnHostId(from, message, channel);
    if (message.kind === 'shadowSyn' || message.kind === 'shadowWaiting' || message.kind === 'shadowAck') {
      if (message.kind === 'shadowAck' && running) gossip.seedAnswered(from, message);
      return startup.shadow(from, message);
    }
    if (!running) return;
    if (this.#membership.isRemoved(from.hostId)) return this.#fromRemoved(from, message);
    this.#twins.heard(from);
    gossip.spoke(from.hostId);
    switch (message.kind) {
      case 'syn':
      case 'ack':
      case 'ack2':
      case 'buckets':
        return gossip.receive(from, message);
      case 'roots':
        return gossip.metRoots(from, message);
      case 'rumors':
        return this.#rumors(from, message);
      case 'ping':
      case 'pong':
      case 'probe':
      case 'probeAck':
      case 'probeRequest':
      case 'probeRelay':
      case 'nack':
      case 'confirm':
      case 'confirmed':
      case 'claims':
        return detector.receive(from, message, channel);
      case 'goodbye':
        return detector.goodbye(from.hostId, message.generation);
      case 'schemaPull':
      case 'schemaPush':
      case 'schemaVersion':
        return schema.receive(from, message);
      case 'joinRequest':
      case 'replaceRequest':
        return operations.joinRequested(from.hostId, message);
      case 'operationQuery':
        return operations.queried(from, message);
      case 'operationAnswer':
        return operations.answered(from.hostId, message);
      case 'joinAnswer':
        return join.answered(from, message);
      case 'viewRequest':
        return survey.answer(from, message.query);
      case 'viewAnswer':
        return survey.answered(from.hostId, message);
      case 'prepare':
      case 'promise':
      case 'accept':
      case 'accepted':
      case 'reject':
      case 'records':
      case 'recordsRequest':
      case 'recall':
      case 'recalled':
        return ring.receive(from, message);
    }
  }

  /**
   * Whoever was removed is told so, and is heard in nothing else but about the ring's history: by another one than this
   * node's it is none of the removed, and would show its own each time that it is told.
   */
  #fromRemoved(from: Source, message: SingleMessage): void {
    const { ring } = this.#receivers;
    const history = message.kind === 'records' || message.kind === 'recordsRequest';
    if (history) ring.receive(from, message);
    const answered = message.kind === 'recordsRequest' || (history && this.#context.protocols.register.fork !== null);
    if (!answered) ring.tellRemoval(from.hostId, { hostId: from.hostId, address: from.replyTo });
  }

  #rumors(from: Source, rumors: Rumors): void {
    const { gossip, detector, ring, schema } = this.#receivers;
    gossip.heardRumors(from, rumors);
    detector.rumored(from.hostId, rumors.claims);
    for (const record of rumors.records) ring.rumored(from, record);
    if (rumors.definitions.length > 0) schema.learn(rumors.definitions);
  }

  /** Own questions come back, and processes that claim to be this one. */
  #fromOwnHostId(from: Source, message: SingleMessage, channel: Channel): void {
    const { startup, copyGuard } = this.#receivers;
    const twin = from.bootNonce !== this.#context.self.bootNonce;
    if (twin && channel === 'stream') {
      copyGuard.proven(message.kind === 'shadowSyn' ? message.address : from.replyTo);
      // Only whoever has its proof pings on a stream.
      if (message.kind === 'ping') copyGuard.known();
    }
    // Answered also to a twin: the answer is its proof.
    if (message.kind === 'shadowSyn') return startup.shadow(from, message);
    if (!twin || channel === 'stream') return;
    if (message.kind === 'pong') return copyGuard.pong(from, message.probe);
    copyGuard.met(from);
    if (message.kind === 'ping') this.#context.send(from.hostId, from.replyTo, { kind: 'pong', probe: message.probe });
  }
}
