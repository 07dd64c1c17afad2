import { type Address, type HostId, randomHex } from '../base/id.ts';
import { type Random, shuffle } from '../base/random.ts';
import type { Now } from '../base/time.ts';
import { ClusterAnswer } from './cluster-answer.ts';
import { foundingSetOf, type SeedStanding } from './founding.ts';
import type { LifecycleLog } from './lifecycle-log.ts';
import type { ShadowAck, ShadowSyn, ShadowWaiting } from './lifecycle-message.ts';

/** Seeds are asked this often while nothing is decided. */
const retryMs = 500;
/** A member by its own store has been asking in vain for so many times: from here on it asks less and less often … */
const eagerAttempts = 10;
/** … down to this. */
const maxRetryMs = 5_000;
/** Of the remembered peers so many are asked at a time: a large cluster is not to be asked as a whole. */
const maxRemembered = 8;
/** The log names whom the node waits for after so long, and then less and less often … */
const tellMs = 5_000;
/** … down to this: a survivor may be alone for days. */
const maxTellMs = 300_000;
/** With `--found`, how long a seed may take to say that a cluster exists already. */
const foundGraceMs = 1_500;

export interface ShadowEffects extends LifecycleLog {
  send(address: Address, message: ShadowSyn | ShadowWaiting): void;
  /** Comes back as `timer`. */
  schedule(round: string, delayMs: number): void;
}

/** A seed as the driver resolved it last. */
export interface ShadowSeed {
  readonly name: string;
  readonly literal: boolean;
  readonly addresses: readonly Address[];
}

export type ShadowOutcome =
  /** This node may found a cluster now. */
  | { readonly kind: 'found' }
  /** A member answered in full. */
  | { readonly kind: 'answer'; readonly answer: ClusterAnswer; readonly from: HostId }
  /** No seed was in reach for the whole time. */
  | { readonly kind: 'timeout'; readonly silent: readonly string[] };

export interface ShadowOptions {
  readonly hostId: HostId;
  readonly bootNonce: string;
  readonly address: Address;
  /** The cluster this node knows by its own store, or null. */
  readonly clusterId: string | null;
  readonly found: boolean;
  /** Null: never give up (a member by its own store). */
  readonly timeoutMs: number | null;
  /** Addresses of peers in the store; a few of them, each time others, are asked from the second attempt on. */
  readonly remembered: readonly Address[];
  /** Hosts whose answers were of no use. */
  readonly ignored: ReadonlySet<HostId>;
  readonly random: Random;
}

interface Asked {
  readonly address: Address;
  readonly answer: ClusterAnswer;
}

/**
 * The shadow round (Cassandra's, with a founding rule instead of its "all seeds are shadowing too"): before anything is
 * gossiped, ask the seeds who the cluster is. Nothing learned here is live state until the caller applies it.
 *
 * Ends once, with an outcome returned from the call that caused it. Founding: section 3 of the design, `founding.ts`.
 */
export class ShadowRound {
  readonly #options: ShadowOptions;
  readonly #mark: string;
  readonly #standings = new Map<Address, SeedStanding>();
  readonly #asked = new Map<string, Asked>();
  #seeds: readonly ShadowSeed[] = [];
  #attempts = 0;
  #startedMs = 0;
  #lastAnswerMs = 0;
  #toldMs = 0;
  #tellAfterMs = tellMs;
  /** Other clusters of this name that were told of. */
  readonly #toldForeign = new Set<string>();
  #ended = false;

  constructor(options: ShadowOptions) {
    this.#options = options;
    this.#mark = randomHex(options.random, 8);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whom the node waits for, for people: seeds that are silent, and those that are waiting too. */
  waitingFor(): string[] {
    return this.#seeds
      .filter((seed) => this.#standingOf(seed)?.kind !== 'self')
      .map((seed) => `${seed.name} (${this.#standingOf(seed) === null ? 'silent' : 'in its shadow round too'})`);
  }

  begin(now: Now, seeds: readonly ShadowSeed[], effects: ShadowEffects): ShadowOutcome | null {
    this.#startedMs = this.#lastAnswerMs = this.#toldMs = now.monotonicMs;
    this.#seeds = seeds;
    return this.#attempt(now, effects);
  }

  /** Whoever asked has what it wanted in another way. No outcome follows. */
  stop(): void {
    this.#ended = true;
  }

  /** The seeds, resolved anew. */
  reseed(seeds: readonly ShadowSeed[]): void {
    this.#seeds = seeds;
  }

  timer(now: Now, round: string, effects: ShadowEffects): ShadowOutcome | null {
    if (this.#ended || round !== this.#mark) return null;
    const { timeoutMs } = this.#options;
    if (timeoutMs !== null && now.monotonicMs - this.#lastAnswerMs >= timeoutMs) {
      return this.#end({ kind: 'timeout', silent: this.#seeds.map((seed) => seed.name) });
    }
    if (now.monotonicMs - this.#toldMs >= this.#tellAfterMs) {
      this.#toldMs = now.monotonicMs;
      this.#tellAfterMs = Math.min(2 * this.#tellAfterMs, maxTellMs);
      const strange = this.#options.clusterId === null;
      const waitedFor = this.waitingFor().join(', ') || (strange ? 'a seed' : 'any other member');
      const hint = strange ? '; --found on one of them founds the cluster now' : '';
      effects.log('info', 'waiting', `waiting for ${waitedFor}${hint}`, {
        seeds: this.#seeds.map((seed) => seed.name),
      });
    }
    return this.#attempt(now, effects);
  }

  /** Somebody else is in its shadow round, or it is this node's own question coming back. */
  asked(
    from: { readonly hostId: HostId; readonly bootNonce: string; readonly replyTo: Address },
    message: ShadowSyn,
    effects: ShadowEffects,
  ): ShadowOutcome | null {
    const mine = this.#asked.get(message.round);
    if (from.bootNonce === this.#options.bootNonce) {
      if (mine) this.#standings.set(mine.address, { kind: 'self' });
      return this.#mayFound();
    }
    this.#heardSet(from.hostId, message.foundingSet);
    effects.send(from.replyTo, { kind: 'shadowWaiting', round: message.round, foundingSet: this.foundingSet() });
    return this.#mayFound();
  }

  answered(now: Now, from: HostId, message: ShadowWaiting | ShadowAck, effects: ShadowEffects): ShadowOutcome | null {
    const asked = this.#asked.get(message.round);
    // An answer of another process, of another round, or after the end leaks nothing into what comes later.
    if (this.#ended || asked === undefined || from === this.#options.hostId || this.#options.ignored.has(from))
      return null;
    this.#lastAnswerMs = now.monotonicMs;
    if (message.kind === 'shadowWaiting') {
      this.#standings.set(asked.address, { kind: 'waiting', hostId: from, foundingSet: message.foundingSet });
      return this.#mayFound();
    }
    if (this.#options.clusterId !== null && message.clusterId !== this.#options.clusterId) {
      if (this.#toldForeign.has(message.clusterId)) return null;
      this.#toldForeign.add(message.clusterId);
      effects.log(
        'error',
        'otherCluster',
        `the seed at ${asked.address} is of cluster id ${message.clusterId}, this node of ${this.#options.clusterId}: they never merge; set aside the data directory of the one that is wrong`,
        {
          address: asked.address,
        },
      );
      return null;
    }
    return asked.answer.add(message) ? this.#end({ kind: 'answer', answer: asked.answer, from }) : null;
  }

  /** Own host id and those that answered at the literal seeds, ascending. */
  foundingSet(): HostId[] {
    return foundingSetOf(this.#options.hostId, this.#literalStandings());
  }

  #attempt(now: Now, effects: ShadowEffects): ShadowOutcome | null {
    this.#attempts++;
    const addresses = new Set(this.#seeds.flatMap((seed) => seed.addresses));
    if (this.#attempts > 1) for (const address of this.#someRemembered()) addresses.add(address);
    // Answers of the two latest attempts count; older ones are of a past that may be over.
    if (this.#asked.size > 2 * addresses.size + 2) {
      for (const round of [...this.#asked.keys()].slice(0, this.#asked.size - 2 * addresses.size))
        this.#asked.delete(round);
    }
    for (const address of addresses) {
      if (address === this.#options.address) {
        this.#standings.set(address, { kind: 'self' });
        continue;
      }
      const round = randomHex(this.#options.random, 8);
      this.#asked.set(round, { address, answer: new ClusterAnswer() });
      effects.send(address, {
        kind: 'shadowSyn',
        round,
        address: this.#options.address,
        foundingSet: this.foundingSet(),
        clusterId: this.#options.clusterId,
        brief: false,
      });
    }
    const graceOver =
      addresses.size === 0 ||
      [...addresses].every((address) => this.#standings.get(address)?.kind === 'self') ||
      now.monotonicMs - this.#startedMs >= foundGraceMs;
    if (this.#options.found && this.#options.clusterId === null && graceOver) return this.#end({ kind: 'found' });
    effects.schedule(this.#mark, this.#retryMs());
    return this.#mayFound();
  }

  /** A node without a cluster has a deadline of its own, and nothing better to do. */
  #retryMs(): number {
    if (this.#options.clusterId === null) return retryMs;
    return Math.min(retryMs * 2 ** Math.max(0, this.#attempts - eagerAttempts), maxRetryMs);
  }

  #someRemembered(): Address[] {
    return shuffle([...this.#options.remembered], this.#options.random).slice(0, maxRemembered);
  }

  #standingOf(seed: ShadowSeed): SeedStanding | null {
    for (const address of seed.addresses) {
      const standing = this.#standings.get(address);
      if (standing) return standing;
    }
    return null;
  }

  #literalStandings(): (SeedStanding | null)[] {
    return this.#seeds.filter((seed) => seed.literal).map((seed) => this.#standingOf(seed));
  }

  #heardSet(hostId: HostId, foundingSet: readonly HostId[]): void {
    for (const [address, standing] of this.#standings) {
      if (standing.kind === 'waiting' && standing.hostId === hostId) {
        this.#standings.set(address, { kind: 'waiting', hostId, foundingSet });
      }
    }
  }

  #mayFound(): ShadowOutcome | null {
    // A seed that is no literal one may lead to hosts that are not there yet: then only `--found` decides.
    if (this.#ended || this.#options.clusterId !== null || this.#seeds.some((seed) => !seed.literal)) return null;
    const standings = this.#literalStandings();
    const mine = this.foundingSet();
    if (standings.length === 0 || mine[0] !== this.#options.hostId) return null;
    const agreed = standings.every(
      (standing) => standing !== null && (standing.kind === 'self' || standing.foundingSet.join() === mine.join()),
    );
    return agreed ? this.#end({ kind: 'found' }) : null;
  }

  #end(outcome: ShadowOutcome): ShadowOutcome | null {
    if (this.#ended) return null;
    this.#ended = true;
    return outcome;
  }
}
