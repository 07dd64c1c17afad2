import type { HostId } from '../base/id.ts';
import { minuteMs, secondMs } from '../base/time.ts';
import type { GossipRoots } from '../gossip/gossip-message.ts';
import { sameUint64 } from '../gossip/hash-sums.ts';
import type { Uint64 } from '../gossip/keyed-hash.ts';
import type { Source } from './core-io.ts';
import type { Membership } from './membership.ts';
import type { SingleMessage } from './message.ts';
import { digestBytes, messageBytes } from './message-bytes.ts';
import type { NodeContext } from './node-context.ts';

/** While news comes in, rumors are at work, and an exchange would bring the same once more. */
const quietMs = 500;
/** But who meets nobody that agrees with it for so long asks whatever comes in. */
const lonelyMs = 3 * secondMs;
/**
 * Claims "dead" are told to whoever lacks some as fast as this allows, in bytes a millisecond, but no faster than four
 * times a gossip interval and no slower than once: where a rack dies, rumors alone would take their budget's time. A
 * megabit a second for some seconds: an eighth of it took a third longer where 300 of 1,200 die, for hardly fewer bytes.
 */
const claimsBytesPerMs = 128;
const claimsPerInterval = 4;
/**
 * Bulk keys are compared with the peer that is probed next each minute; sooner among few, where each has most to tell;
 * seldomer in large clusters, where it takes long digests.
 */
const bulkEveryMs = { few: 10 * secondMs, perEndpointOfFew: 600, usual: minuteMs, perEndpointOfMany: 100 };
/** After a host came back that was held for dead they are compared so much sooner for a time: both sides may lack much. */
const healingShare = 1 / 4;
const healingMs = minuteMs;

/** How often a member of a cluster so large compares its bulk keys with another, in ms. */
export function bulkIntervalMs(endpoints: number): number {
  const { few, perEndpointOfFew, usual, perEndpointOfMany } = bulkEveryMs;
  return Math.max(few, Math.min(usual, endpoints * perEndpointOfFew), endpoints * perEndpointOfMany);
}

/** What anti-entropy needs of the failure detector: what the liveness root sums up. */
export interface DeadClaims {
  /** The claims by which this node holds hosts for dead, as messages for one that may not know them. */
  deadClaims(): readonly SingleMessage[];
}

/**
 * Finds out, and mends, what rumors missed (design section 4). Two roots ride on every probe and its answer; who meets
 * another state root starts one exchange with that host: of digests while they fit a datagram, else of bucket hashes,
 * and of where the ring's history and the schema stand. Once in a while the bulk keys are compared in the same way.
 */
export class AntiEntropy {
  readonly #context: NodeContext;
  readonly #membership: Membership;
  readonly #dead: DeadClaims;
  /** What the state root was last made of beside states: the history's hash and the schema's version. */
  #facts: readonly [chainHash: string, schemaVersion: string] = ['', ''];
  #newsMs = Number.NEGATIVE_INFINITY;
  #equalMs: number;
  #exchangeMs = Number.NEGATIVE_INFINITY;
  #claimsDueMs = Number.NEGATIVE_INFINITY;
  #bulkDueMs = 0;
  #healingUntilMs = Number.NEGATIVE_INFINITY;

  constructor(context: NodeContext, membership: Membership, dead: DeadClaims) {
    this.#context = context;
    this.#membership = membership;
    this.#dead = dead;
    this.#equalMs = context.now.monotonicMs;
  }

  begin(): void {
    const { protocols, clusterId, now } = this.#context;
    protocols.gossiper.roots.begin(clusterId!, () => this.#membership.recorded);
    this.#equalMs = now.monotonicMs;
    this.#planBulk(this.#context.random.fraction());
  }

  /** Something new came, whatever way. */
  news(): void {
    this.#newsMs = this.#context.now.monotonicMs;
  }

  /** A host is back that was held for dead. */
  returned(): void {
    const { now, random } = this.#context;
    const nowMs = now.monotonicMs;
    const more = nowMs < this.#healingUntilMs;
    this.#healingUntilMs = nowMs + healingMs;
    // Many come back together, and all who see it do: that is no reason to ask at once.
    if (!more) this.#bulkDueMs = Math.min(this.#bulkDueMs, nowMs + this.#bulkEveryMs * random.fraction());
  }

  /** What rides on a probe. */
  roots(): GossipRoots {
    const { roots } = this.#context.protocols.gossiper;
    return { kind: 'roots', state: this.#stateRoot(), liveness: roots.livenessRoot() };
  }

  /** A host says what it holds. */
  met(from: Source, theirs: GossipRoots): void {
    const nowMs = this.#context.now.monotonicMs;
    const mine = this.roots();
    if (!sameUint64(mine.liveness, theirs.liveness) && nowMs >= this.#claimsDueMs) this.#tellClaims(from);
    if (sameUint64(mine.state, theirs.state)) this.#equalMs = nowMs;
    else if (this.#mayExchange(nowMs)) this.exchange(from);
  }

  /** The other side has opened an exchange: another one would bring nothing more. */
  opened(): void {
    this.#exchangeMs = this.#context.now.monotonicMs;
  }

  /** Opens an exchange of all that the state root covers. */
  exchange({ hostId, replyTo }: Pick<Source, 'hostId' | 'replyTo'>): void {
    const { protocols, config } = this.#context;
    const { gossiper, register, schema } = protocols;
    this.opened();
    const fits = gossiper.size * digestBytes <= config.maxDatagramBytes / 2;
    const messages: SingleMessage[] = [
      fits ? gossiper.syn() : gossiper.buckets('state'),
      { kind: 'recordsRequest', at: register.position },
      { kind: 'schemaVersion', version: schema.version, answer: false },
    ];
    for (const message of messages) this.#context.send(hostId, replyTo, message);
  }

  /** Opens the comparison of bulk keys, when it is due, with whoever is being probed: a probe bears it almost for nothing. */
  probeRiders(): SingleMessage[] {
    const { protocols, now } = this.#context;
    if (now.monotonicMs < this.#bulkDueMs) return [];
    this.#planBulk(1);
    return [protocols.gossiper.buckets('bulk', 1)];
  }

  /** Opens an exchange with so many random live peers, whatever they hold: epidemics as the theory counts them. */
  round(peers: number): void {
    const { protocols, self } = this.#context;
    const met = new Set<HostId>([self.hostId]);
    while (met.size <= peers) {
      const peer = protocols.gossiper.pick((hostId) => !met.has(hostId) && this.#membership.isAlive(hostId));
      const replyTo = peer === null ? null : this.#context.addressOf(peer);
      if (peer === null || replyTo === null) return;
      met.add(peer);
      this.exchange({ hostId: peer, replyTo });
    }
  }

  #tellClaims({ hostId, replyTo }: Source): void {
    const { now, config } = this.#context;
    let bytes = 0;
    for (const message of this.#dead.deadClaims()) {
      bytes += messageBytes(message);
      this.#context.send(hostId, replyTo, message);
    }
    const everyMs = config.gossipIntervalMs;
    const paceMs = Math.max(everyMs / claimsPerInterval, bytes / claimsBytesPerMs);
    this.#claimsDueMs = now.monotonicMs + Math.min(everyMs, paceMs);
  }

  #mayExchange(nowMs: number): boolean {
    if (nowMs - this.#exchangeMs < this.#context.config.gossipIntervalMs) return false;
    return nowMs - this.#newsMs >= quietMs || nowMs - this.#equalMs >= lonelyMs;
  }

  #stateRoot(): Uint64 {
    const { gossiper, register, schema } = this.#context.protocols;
    const { chainHash } = register.position;
    const { version } = schema;
    // The members are the fold's: with another history there may be others.
    if (chainHash !== this.#facts[0]) gossiper.roots.invalidate();
    if (chainHash !== this.#facts[0] || version !== this.#facts[1]) this.#facts = [chainHash, version];
    return gossiper.roots.stateRoot(this.#facts);
  }

  /** `share` of a whole interval from now, and a little by chance: nodes started together shall not ask together. */
  #planBulk(share: number): void {
    const { now, random } = this.#context;
    this.#bulkDueMs = now.monotonicMs + this.#bulkEveryMs * share * (0.9 + 0.2 * random.fraction());
  }

  get #bulkEveryMs(): number {
    const { protocols, now } = this.#context;
    const everyMs = bulkIntervalMs(protocols.gossiper.size);
    return now.monotonicMs < this.#healingUntilMs ? everyMs * healingShare : everyMs;
  }
}
