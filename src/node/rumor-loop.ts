import type { HostId } from '../base/id.ts';
import type { LivenessClaim } from '../detector/liveness-claim.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import { ApplicationState, applicationKeyPrefix, counterOf, isBulkKey } from '../gossip/application-state.ts';
import type { Counter, EndpointState } from '../gossip/endpoint-state.ts';
import type { StateChange } from '../gossip/gossiper.ts';
import {
  type DueRumor,
  type RumorClass,
  type RumorClassStanding,
  RumorQueue,
  rumorSchedule,
  sendsOf,
} from '../gossip/rumor-queue.ts';
import type { SchemaDefinition } from '../schema/schema-definition.ts';
import type { Membership } from './membership.ts';
import type { SingleMessage } from './message.ts';
import type { NodeContext } from './node-context.ts';
import { emptyRumorsBytes, type Rumor, RumorPacker, sizeOfRumor } from './rumor-packer.ts';

/** More definitions at once were pulled, not edited: whoever lacks them is told by its root. */
const maxDefinitionsAtOnce = 8;

/**
 * Who decides a record sends it to every voter and subject itself. Where there are observers too, each passes it on once;
 * who hears of it so passes it on as any other news. A member that a lost datagram passed by learns of it from the barrier's
 * question, or by roots.
 */
const sendsOfAnnounced = 1;
/** What only says again what a record says may come to a few by anti-entropy: one wave is enough. */
const recordedKeys: ReadonlySet<string> = new Set([ApplicationState.status, ApplicationState.tokens]);

/**
 * Passes on at once what this node said or learned (design section 4): to a few random live hosts in a few waves, and in
 * the spare bytes of probes. What is news to a receiver, it passes on in its turn.
 */
export class RumorLoop {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #queue: RumorQueue<Rumor>;
  readonly #packer: RumorPacker;
  /** The own state as it was told last. */
  #told: EndpointState | null = null;
  #lastPeers: readonly HostId[] = [];
  #begun = false;
  #mark = 0;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(context: NodeContext, membership: Membership) {
    this.#context = context;
    this.#membership = membership;
    this.#queue = new RumorQueue(context.now.monotonicMs);
    this.#packer = new RumorPacker(context.protocols, context.config.maxDatagramBytes);
  }

  /** Before it nothing is passed on. */
  begin(): void {
    this.#begun = true;
  }

  /** The state of another host moved. */
  stateMoved({ hostId, previous, state, keys }: StateChange): void {
    const since = previous?.generation === state.generation ? previous : null;
    const stateKeys = keys.filter((key) => !isBulkKey(key));
    if (since === null || state.version > since.version) {
      const most = since !== null && stateKeys.every((key) => recordedKeys.has(key)) ? rumorSchedule.fanout : null;
      this.#offerState(classOf(stateKeys), hostId, state.generation, 'state', since?.version ?? 0, most);
    }
    if (state.bulkVersion > (since?.bulkVersion ?? 0)) {
      this.#offerState('bulk', hostId, state.generation, 'bulk', since?.bulkVersion ?? 0, null);
    }
  }

  /** To be called at the end of every step: what this node said of itself in it is news. */
  ownMoved(): void {
    const { self } = this.#context.protocols.gossiper;
    const told = this.#told;
    if (told === self) return;
    this.#told = self;
    const since = told?.generation === self.generation ? told : null;
    const keys = [...self.values]
      .filter(([key, { version }]) => counterOf(key) === 'state' && version > (since?.version ?? 0))
      .map(([key]) => key);
    const change = { hostId: self.hostId, kind: 'updated', previous: told, state: self, keys } as const;
    this.stateMoved(change);
  }

  /**
   * A record was decided, `announced`: as its proposer told this node. Only the newest is told: whoever lacks those before
   * asks for them.
   */
  decided(record: RingRecord, announced: boolean): void {
    const members = this.#membership.state?.members.size ?? 0;
    const observers = this.#context.protocols.gossiper.size > members;
    this.#offer('ring', 'record', { kind: 'record', record }, announced ? (observers ? sendsOfAnnounced : 0) : null);
  }

  defined(definitions: readonly SchemaDefinition[]): void {
    if (definitions.length > maxDefinitionsAtOnce) return;
    for (const definition of definitions) {
      this.#offer('schema', `${definition.type}:${definition.name}`, { kind: 'definition', definition });
    }
  }

  /** A liveness claim that is news to this node. */
  claimed(claim: LivenessClaim): void {
    this.#offer('liveness', claim.hostId, { kind: 'claim', claim });
  }

  forget(hostId: HostId): void {
    for (const each of ['liveness', 'ring', 'application', 'bulk'] as const) this.#queue.withdraw(each, hostId);
  }

  timer(mark: number): void {
    if (mark !== this.#mark) return;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    this.#spread(this.#queue.takeDue(this.#context.now.monotonicMs));
    this.#wake();
  }

  /** What may ride in the spare bytes of a message that leaves anyway. */
  riders(roomBytes: number, bulkBytes: number): SingleMessage[] {
    const riders = this.#queue.takeRiders(this.#context.now.monotonicMs, roomBytes - emptyRumorsBytes, bulkBytes);
    return this.#packer.pack(riders.map((rider) => rider.payload));
  }

  standing(): RumorClassStanding[] {
    return this.#queue.standing();
  }

  #offerState(
    rumorClass: RumorClass,
    hostId: HostId,
    generation: number,
    counter: Counter,
    from: number,
    most: number | null,
  ): void {
    // One rumor a host: what waits already is told along with it, and as urgently.
    const other = rumorClass === 'ring' ? 'application' : 'ring';
    const sameClass = this.#queue.waiting(rumorClass, hostId);
    const otherClass = counter === 'bulk' ? null : this.#queue.waiting(other, hostId);
    let base = from;
    for (const waiting of [sameClass, otherClass]) {
      if (waiting?.kind === 'state' && waiting.generation === generation) base = Math.min(base, waiting.from);
    }
    if (otherClass !== null) this.#queue.withdraw(other, hostId);
    const chosen = otherClass !== null && rumorClass === 'application' ? 'ring' : rumorClass;
    const alone = sameClass === null && otherClass === null;
    this.#offer(chosen, hostId, { kind: 'state', hostId, generation, counter, from: base }, alone ? most : null);
  }

  #offer(rumorClass: RumorClass, key: string, rumor: Rumor, most: number | null = null): void {
    if (!this.#begun) return;
    const { now, protocols } = this.#context;
    const sends = Math.min(sendsOf(protocols.gossiper.size, rumorClass), most ?? Number.POSITIVE_INFINITY);
    this.#queue.offer(now.monotonicMs, rumorClass, key, rumor, sizeOfRumor(rumor, protocols), sends);
    this.#wake();
  }

  /** The first peer gets all that is due, those after it what is to go to so many. */
  #spread(due: readonly DueRumor<Rumor>[]): void {
    let messages: SingleMessage[] = [];
    let packed = 0;
    for (const [place, peer] of this.#peers(Math.max(0, ...due.map(({ copies }) => copies))).entries()) {
      const parts = due.filter(({ copies }) => copies > place);
      if (parts.length !== packed) messages = this.#packer.pack(parts.map(({ payload }) => payload));
      packed = parts.length;
      for (const message of messages) this.#context.sendTo(peer, message);
    }
  }

  /** Random hosts that are not dead, others than the last ones: so the waves of a rumor go to different peers. */
  #peers(count: number): HostId[] {
    const { protocols, self } = this.#context;
    const peers: HostId[] = [];
    const isWanted = (hostId: HostId): boolean =>
      hostId !== self.hostId &&
      !peers.includes(hostId) &&
      !this.#lastPeers.includes(hostId) &&
      this.#membership.liveness(hostId) !== 'dead';
    const kept = Math.min(2 * rumorSchedule.fanout, (protocols.gossiper.size - 1) >> 1);
    this.#lastPeers = this.#lastPeers.slice(0, Math.max(0, kept - count));
    while (peers.length < count) {
      const peer = protocols.gossiper.pick(isWanted);
      if (peer === null) break;
      peers.push(peer);
    }
    this.#lastPeers = [...peers, ...this.#lastPeers];
    return peers;
  }

  #wake(): void {
    const nowMs = this.#context.now.monotonicMs;
    // Nothing is due sooner than what was offered just now.
    if (this.#wakeAtMs <= nowMs + rumorSchedule.batchMs) return;
    const { nextMs } = this.#queue;
    if (nextMs === null || nextMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = nextMs;
    this.#mark++;
    this.#context.effects.schedule({ kind: 'rumors', mark: this.#mark }, Math.max(1, nextMs - nowMs));
  }
}

/** An application's own keys may wait; everything else is about the ring and how its members are reached. */
function classOf(keys: readonly string[]): RumorClass {
  return keys.length > 0 && keys.every((key) => key.startsWith(applicationKeyPrefix)) ? 'application' : 'ring';
}
