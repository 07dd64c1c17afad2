import { InvariantViolation } from '../base/error.ts';
import type { Address, HostId } from '../base/id.ts';
import { type Random, shuffle } from '../base/random.ts';
import { dayMs, type Now, secondMs } from '../base/time.ts';
import { type BucketScope, bucketCount, differingBuckets, finestBuckets, scopeFilter } from './buckets.ts';
import { DeltaBuilder, deltaSince } from './build-delta.ts';
import { compareDigest } from './compare-digest.ts';
import type { Delta, GossipDigest } from './delta.ts';
import type { EndpointDirectory } from './endpoint-directory.ts';
import type { Counter, EndpointState } from './endpoint-state.ts';
import { EndpointTable } from './endpoint-table.ts';
import type { ExchangeStyle, GossipBuckets, GossipMessage, GossipSyn } from './gossip-message.ts';
import type { GossipOutcome, RefusedState, StateChange } from './gossip-outcome.ts';
import { LocalState, type StateEntry } from './local-state.ts';
import { Roots } from './roots.ts';
import { everythingOf, takeDeltas } from './take-deltas.ts';

// The words of an outcome belong to this door.
export type { GossipOutcome, RefusedState, SelfClaim, StateChange } from './gossip-outcome.ts';

/** How far ahead of the local clock a generation may be. */
const maxGenerationAheadMs = dayMs;

export interface GossiperOptions {
  /** This node. */
  readonly hostId: HostId;
  /** One per process in production, one per world in the simulator. */
  readonly directory: EndpointDirectory;
  readonly random: Random;
  readonly style: ExchangeStyle;
  /** Bytes of deltas that one message carries at most; more only if a single step or whole state is larger. */
  readonly maxDeltaBytes: number;
  /** True for hosts whose state of this generation is ignored: removed members, observers that were forgotten. */
  readonly isBarred: (hostId: HostId, generation: number) => boolean;
}

/**
 * The exchange of states between two nodes (Cassandra's Gossiper): SYN with where one stands, ACK with what is wanted and
 * what the other lacks, ACK2 with what was wanted. It knows neither clock nor network; whom to ask is `peer-choice.ts`.
 *
 * On purpose unlike Cassandra: deltas name their base; endpoints that a SYN does not list are volunteered, since their
 * absence is seen; a delta with a gap is answered by a request, in an ACK; gossip about this node is judged, never
 * applied; a generation far ahead of the local clock is refused for unknown endpoints too.
 */
export class Gossiper {
  readonly #options: GossiperOptions;
  readonly #table: EndpointTable;
  /** What this node holds, in two numbers. Of use once it has begun. */
  readonly roots: Roots;
  #local: LocalState | null = null;

  constructor(options: GossiperOptions) {
    this.#options = options;
    this.roots = new Roots(options.directory, (visit) => this.#table.walk(visit));
    this.#table = new EndpointTable(options.directory, (slot, ...states) => this.roots.changed(slot, ...states));
  }

  /**
   * Begins this node's own state with a complete first step, TOKENS before STATUS or with it (CASSANDRA-15335).
   * `generation` in unix seconds, durable already. Before it this node says nothing: `setStates`, `beat` and
   * `raiseGeneration` are then without effect.
   */
  start(generation: number, entries: readonly StateEntry[]): void {
    if (this.#local !== null) throw new InvariantViolation(`the gossiper of ${this.#options.hostId} started twice`);
    this.#local = new LocalState(this.#options.hostId, generation, entries);
    this.#said(this.#local);
  }

  /**
   * Takes states that did not come by an exchange: remembered peers, a shadow answer. Checked like any others; without
   * `now` generations are not held against the clock. Own state is skipped.
   * @returns what moved. Of use to a node that runs already; one that starts has nobody to tell.
   */
  preload(states: readonly Delta[], now: Now | null = null): readonly StateChange[] {
    const { hostId } = this.#options;
    return this.#take(
      now,
      hostId,
      states.filter((delta) => delta.hostId !== hostId),
    ).changes;
  }

  /** Hosts that say, or said a short while ago, that they are at this address; this node may not know all of them. */
  hostsAt(address: Address): readonly HostId[] {
    return this.#options.directory.hostsAt(address);
  }

  /** Holds ready-made states, as they are; the own one is skipped. For a simulated node that begins in mid-life. */
  hold(states: readonly EndpointState[]): void {
    this.#table.hold(states, this.#options.hostId);
  }

  /**
   * Sets (or, with null, deletes) own states in one step. Unchanged ones are not stamped anew.
   * @returns the state version after it.
   * @throws RingError INVALID_ARGUMENT or TOO_LARGE for application keys beyond their limits; nothing is changed then.
   */
  setStates(entries: readonly StateEntry[]): number {
    const local = this.#local;
    if (local === null) return 0;
    const version = local.step(entries);
    this.#said(local);
    return version;
  }

  /** Advances the own heartbeat. */
  beat(): void {
    if (this.#local === null) return;
    this.#local.beat();
    this.#said(this.#local);
  }

  /** Takes a fresh, higher generation, durable already: versions start again, values are kept. */
  raiseGeneration(generation: number): void {
    if (this.#local === null) return;
    this.#local.raiseGeneration(generation);
    this.#said(this.#local);
  }

  get self(): EndpointState {
    if (this.#local === null) throw new InvariantViolation('the own state was read before the gossiper started');
    return this.#local.state;
  }

  /** What is known of a host; null if nothing is. */
  stateOf(hostId: HostId): EndpointState | null {
    return this.#table.get(hostId);
  }

  /** Everybody who is known, this node included, in no order. Nobody may be forgotten or learned during the walk. */
  hosts(): Iterable<HostId> {
    return this.#table.hosts();
  }

  /** Forgets a host. Bar it as well, or the next exchange brings it back. */
  forget(hostId: HostId): void {
    if (hostId === this.#options.hostId) throw new InvariantViolation('a gossiper was told to forget its own node');
    this.#table.delete(hostId);
  }

  /** The whole state of a host, both counters, for shadow answers and the store; empty if it is unknown. */
  wholeState(hostId: HostId): readonly Delta[] {
    const state = this.#table.get(hostId);
    return state === null ? [] : this.#options.directory.wholeDeltas(state);
  }

  /** Where this node stands with one host: all zero if it is unknown. */
  digestOf(hostId: HostId): GossipDigest {
    return this.#table.digestOf(hostId);
  }

  /** How many are known, this node included. */
  get size(): number {
    return this.#table.size;
  }

  /** All that is known of other nodes, in no order. */
  peers(): EndpointState[] {
    const peers: EndpointState[] = [];
    this.#table.walk((_slot, state) => {
      if (state.hostId !== this.#options.hostId) peers.push(state);
    });
    return peers;
  }

  /** Everybody who is known but these hosts, in no order. The map must never change. */
  strangersTo(hosts: ReadonlyMap<HostId, unknown>): HostId[] {
    return this.#table.strangersTo(hosts);
  }

  /** What is known of each of these hosts, by its place among them. The map must never change. */
  statesOf(hosts: ReadonlyMap<HostId, unknown>): (place: number) => EndpointState | null {
    return this.#table.statesOf(hosts);
  }

  /** A random host that is known and wanted, or null if there is none. */
  pick(isWanted: (hostId: HostId) => boolean): HostId | null {
    return this.#table.pick(this.#options.random, isWanted);
  }

  /** What changed of a host on one counter after `from`; null if nothing did, or the host is unknown. */
  deltaSince(hostId: HostId, counter: Counter, from: number): Delta | null {
    const state = this.#table.get(hostId);
    return state === null ? null : deltaSince(state, counter, from);
  }

  /** Opens an exchange: where this node stands with everybody in scope, itself included, shuffled. */
  syn(scope: BucketScope | null = null, style: ExchangeStyle = this.#options.style): GossipSyn {
    const { random } = this.#options;
    return { kind: 'syn', style, scope, digests: shuffle(this.#table.digests(scopeFilter(scope)), random) };
  }

  /** Tells where this node stands with one host, for what is too large to be told unasked: who lacks it asks. */
  announcement(hostId: HostId): GossipSyn {
    const nobody = { count: finestBuckets, buckets: [] };
    return { kind: 'syn', style: 'push', scope: nobody, digests: [this.#table.digestOf(hostId)] };
  }

  /** Opens an exchange among many: what each bucket holds here; or, shorter, what one bucket of everybody does. */
  buckets(counter: Counter, count: number = bucketCount(this.size)): GossipBuckets {
    return { kind: 'buckets', counter, hashes: this.#bucketHashes(counter, count) };
  }

  /** Takes one message. Changes nothing but the table, and never throws for what is in the message. */
  receive(now: Now, from: HostId, message: GossipMessage): GossipOutcome {
    switch (message.kind) {
      case 'syn':
        return this.#examine(now, message);
      case 'ack':
        return this.#exchange(now, from, message.requests, message.deltas);
      case 'ack2':
        return this.#exchange(now, from, [], message.deltas);
      case 'buckets':
        return { ...nothing, reply: this.#compare(message) };
    }
  }

  #compare({ counter, hashes }: GossipBuckets): GossipSyn | GossipBuckets | null {
    const buckets = differingBuckets(this.#bucketHashes(counter, hashes.length), hashes);
    if (buckets.length === 0) return null;
    return hashes.length === 1
      ? this.buckets(counter)
      : this.syn({ count: hashes.length, buckets }, answered[this.#options.style]);
  }

  #bucketHashes(counter: Counter, buckets: number): number[] {
    return counter === 'state' ? this.roots.stateBuckets(buckets) : this.roots.bulkBuckets(buckets);
  }

  #examine(now: Now, { style, scope, digests }: GossipSyn): GossipOutcome {
    const { hostId: self, isBarred, maxDeltaBytes } = this.#options;
    const refused: RefusedState[] = [];
    const requests: GossipDigest[] = [];
    const builder = new DeltaBuilder(maxDeltaBytes);
    const listed = new Set<HostId>();
    for (const digest of digests) {
      const { hostId, generation } = digest;
      if (listed.has(hostId)) continue;
      listed.add(hostId);
      const mine = this.#table.digestOf(hostId);
      const { want, give } = compareDigest(mine, digest);
      const state = give && style !== 'push' ? this.#table.get(hostId) : null;
      if (state !== null) builder.addMissing(state, digest);
      if (!want) continue;
      if (generation > latestGeneration(now) && generation !== mine.generation)
        refused.push({ hostId, reason: 'generation', generation });
      // Who claims to know more of me than I said is asked for all of it, in every style.
      else if (hostId === self) requests.push(everythingOf(self));
      else if (style !== 'pull' && !isBarred(hostId, generation)) requests.push(mine);
    }
    if (style !== 'push') {
      const inScope = scopeFilter(scope);
      for (const hostId of this.#table.hosts()) {
        if (inScope(hostId) && !listed.has(hostId)) builder.addMissing(this.#table.get(hostId)!, everythingOf(hostId));
      }
    }
    return { reply: { kind: 'ack', requests, deltas: builder.deltas }, changes: [], selfClaims: [], refused };
  }

  #exchange(now: Now, from: HostId, wanted: readonly GossipDigest[], deltas: readonly Delta[]): GossipOutcome {
    const { changes, selfClaims, refused, requests } = this.#take(now, from, deltas);
    const builder = new DeltaBuilder(this.#options.maxDeltaBytes);
    // Each host once, however often it is asked for.
    for (const digest of new Map(wanted.map((each) => [each.hostId, each])).values()) {
      const state = this.#table.get(digest.hostId);
      if (state !== null) builder.addMissing(state, digest);
    }
    const reply = replyOf(requests, builder.deltas);
    return { reply, changes, selfClaims, refused };
  }

  #take(now: Now | null, from: HostId, deltas: readonly Delta[]): ReturnType<typeof takeDeltas> {
    const { hostId, isBarred } = this.#options;
    const highest = now === null ? Number.POSITIVE_INFINITY : latestGeneration(now);
    return takeDeltas({ table: this.#table, self: hostId, from, latestGeneration: highest, isBarred }, deltas);
  }

  #said(local: LocalState): void {
    this.#table.set(local.state);
  }
}

/** A SYN that answers buckets goes the other way: so that who opened the exchange still pushes or pulls. */
const answered: Record<ExchangeStyle, ExchangeStyle> = { push: 'pull', pull: 'push', pushPull: 'pushPull' };

const nothing: GossipOutcome = { reply: null, changes: [], selfClaims: [], refused: [] };

function replyOf(requests: readonly GossipDigest[], deltas: readonly Delta[]): GossipMessage | null {
  if (requests.length > 0) return { kind: 'ack', requests, deltas };
  return deltas.length > 0 ? { kind: 'ack2', deltas } : null;
}

const latestGeneration = (now: Now): number => Math.floor((now.wallMs + maxGenerationAheadMs) / secondMs);
