import type { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { dayMs, secondMs } from '../base/time.ts';
import type { EpochEffects } from '../epoch/epoch-register.ts';
import type { RingState } from '../epoch/ring-state.ts';
import { type ClusterAnswer, clusterAnswerParts } from '../lifecycle/cluster-answer.ts';
import type { ShadowAck, ShadowSyn, ShadowWaiting } from '../lifecycle/lifecycle-message.ts';
import { withoutRecordedTokens } from '../lifecycle/recorded-tokens.ts';
import { type ShadowEffects, type ShadowOutcome, ShadowRound } from '../lifecycle/shadow-round.ts';
import { identityRecord } from './copy-guard.ts';
import type { Seed, Source } from './core-io.ts';
import type { NodeContext } from './node-context.ts';
import type { Reach } from './reach.ts';
import {
  addressRefusal,
  clockRefusal,
  mostAreAhead,
  refusalOfStored,
  refusalToFound,
  unreachableSeeds,
  unsoundness,
} from './start-checks.ts';
import type { StoredState } from './store-record.ts';

/** A member that has been answered by a peer, or that is all there is, asks on for so long at most. */
const settleMs = secondMs;
const aloneMs = 10 * secondMs;
/** A member that has lost touch asks its seeds again this often; one that has not lost everybody half as often. */
const askAgainMs = 30 * secondMs;
/** How often it looks whether it has. */
const lookMs = 5 * secondMs;

/** How a start goes on once it is decided. */
export interface StartupListener {
  /** The generation is durable: bring the stored history into the register. An error forbids the start. */
  load(): RingError | null;
  /** By the store's own word this node was removed, and only a member can say that it was readmitted since; else null. */
  barred(): RingError | null;
  /** The store knows the cluster: run with it. */
  resume(): void;
  found(): void;
  /** A member answered. Also called for a node that runs already, to catch up. */
  join(answer: ClusterAnswer, from: HostId): void;
}

/**
 * The start of a node, up to the point where it knows its cluster: generation before anything else, then the store's
 * own word, then the seeds'. A member by its own store never waits for seeds; it asks them all the same, to catch up
 * and to learn whether its clock is off.
 */
export class Startup {
  readonly #context: NodeContext;
  readonly #reach: Reach;
  readonly #listener: StartupListener;
  readonly #effects: ShadowEffects;
  #round: ShadowRound | null = null;
  #seeds: readonly Seed[] | null = null;
  #stored: StoredState | null = null;
  #durable = false;
  #askedMs = 0;
  #lookedMs = 0;
  /** A member has answered, and its answer was of use. */
  #answered = false;
  /** Who answered what could not be used: another one is to be asked. */
  readonly #ignored = new Set<HostId>();
  readonly #toldForeign = new Set<string>();

  constructor(context: NodeContext, reach: Reach, listener: StartupListener) {
    this.#context = context;
    this.#reach = reach;
    this.#listener = listener;
    this.#effects = {
      send: (address, message) => context.effects.send({ hostId: null, address }, 'stream', message),
      schedule: (round, delayMs) => context.effects.schedule({ kind: 'shadowRound', round }, delayMs),
      log: (level, event, message, facts) => context.log(level, event, message, facts),
    };
  }

  waitingFor(): string[] {
    return this.#round?.waitingFor() ?? [];
  }

  begin(stored: StoredState): void {
    const context = this.#context;
    const refusal = refusalOfStored(context, stored);
    if (refusal !== null) {
      context.effects.emit({ kind: 'fatal', error: refusal });
      return;
    }
    this.#stored = stored;
    context.generation = Math.max((stored.identity?.generation ?? 0) + 1, Math.floor(context.now.wallMs / 1_000));
    context.clusterId = stored.identity?.clusterId ?? null;
    context.commit([identityRecord(context)], () => {
      const forbidden = this.#listener.load();
      if (forbidden !== null) {
        context.effects.emit({ kind: 'fatal', error: forbidden });
        return;
      }
      this.#durable = true;
      // A crash may have come between the first record and the identity that names its cluster.
      context.clusterId ??= context.protocols.register.state?.clusterId ?? null;
      if (context.clusterId !== null) {
        context.effects.emit({ kind: 'cluster', clusterId: context.clusterId });
        if (this.#listener.barred() === null) this.#listener.resume();
      }
      this.#shadow();
    });
  }

  seedsResolved(seeds: readonly Seed[]): void {
    this.#seeds = seeds;
    if (this.#round === null) this.#shadow();
    else this.#round.reseed(seeds);
  }

  timer(round: string): void {
    this.#end(this.#round?.timer(this.#context.now, round, this.#effects) ?? null);
  }

  /**
   * Once each gossip interval of a running node. The seeds have said what they can once a peer is alive. They are asked
   * again when nobody is, or when a member is dead and a seed leads to nobody who is alive: addresses may all have
   * changed, and a name that resolves anew is then the only way back.
   */
  tick(): void {
    const { monotonicMs: nowMs } = this.#context.now;
    const waitedMs = nowMs - this.#askedMs;
    const asking = this.#round !== null && !this.#round.ended;
    if (waitedMs < (asking ? settleMs : askAgainMs)) return;
    if (!asking && nowMs - this.#lookedMs < lookMs) return;
    this.#lookedMs = nowMs;
    if (asking) {
      if (this.#reach.hasLive() || (!this.#reach.hasDead() && waitedMs >= aloneMs)) this.#round?.stop();
      return;
    }
    if (!this.#reach.hasDead()) return;
    const lost = !this.#reach.hasLive() || (waitedMs >= 2 * askAgainMs && this.#reach.hasStrange(this.#seeds ?? []));
    if (!lost) return;
    this.#round = null;
    this.#shadow();
  }

  shadow(from: Source, message: ShadowSyn | ShadowWaiting | ShadowAck): void {
    if (message.kind !== 'shadowSyn') {
      this.#end(this.#round?.answered(this.#context.now, from.hostId, message, this.#effects) ?? null);
      return;
    }
    if (this.#context.clusterId !== null && from.bootNonce !== this.#context.self.bootNonce) {
      this.#answer(from, message);
      return;
    }
    this.#end(this.#round?.asked(from, message, this.#effects) ?? null);
  }

  /** Takes a member's answer into register and identity; its states are the caller's to take. False: it cannot be used, and the node must stop. */
  adopt(
    answer: ClusterAnswer,
    from: HostId,
    epochEffects: EpochEffects,
    initialStates: () => [string, string][],
  ): boolean {
    const context = this.#context;
    const { gossiper, register } = context.protocols;
    const first = context.clusterId === null;
    const unsound = first ? unsoundness(context, answer) : null;
    // A clock is judged at the start: whoever runs already is not stopped by somebody else's. A member by its own store
    // is not stopped by one seed alone, whose clock may be the wrong one.
    const clock = this.#answered ? null : clockRefusal(context, answer);
    const others = (register.state?.members.size ?? 0) - 1;
    const doubted =
      clock !== null && !first && others > 1 && this.#ignored.size === 0 && !mostAreAhead(context, answer);
    if (unsound !== null || doubted) {
      context.log('warn', 'answerIgnored', `the answer of ${from} is not used: ${unsound ?? clock?.message}`, { from });
      return this.#askAnother(from);
    }
    const refusal = clock ?? (first ? addressRefusal(context, answer) : null);
    if (refusal !== null) {
      // A generation that was never said, or that nobody accepts, is given back, so that a corrected clock can go on. One
      // that others may hold is spent: no other process may ever use it.
      if (first || context.generation * secondMs > answer.wallMs + dayMs) {
        context.generation = this.#stored?.identity?.generation ?? 0;
      }
      context.commit([identityRecord(context)], () => context.effects.emit({ kind: 'fatal', error: refusal }));
      return false;
    }
    this.#answered = true;
    if (first) {
      const error = register.adopt(context.now, answer.snapshot, answer.records, epochEffects);
      if (error !== null) {
        context.effects.emit({ kind: 'fatal', error });
        return false;
      }
      this.#bind(answer.clusterId);
      gossiper.start(context.generation, initialStates());
    } else {
      register.receive(
        context.now,
        from,
        {
          kind: 'records',
          after: {
            epoch: answer.snapshot?.epoch ?? 0,
            chainHash: answer.snapshot?.chainHash ?? '0'.repeat(32),
            lineage: answer.snapshot?.lineage ?? answer.records[0]?.lineage ?? '',
          },
          snapshot: answer.snapshot,
          records: answer.records,
          votes: [],
        },
        epochEffects,
      );
    }
    return true;
  }

  #askAnother(ignored: HostId): false {
    this.#ignored.add(ignored);
    this.#round = null;
    this.#shadow();
    return false;
  }

  founded(state: RingState): void {
    this.#bind(state.clusterId);
    this.#context.log('info', 'founded', `founded cluster ${state.clusterName} (${state.clusterId})`, {});
  }

  #bind(clusterId: string): void {
    const context = this.#context;
    context.clusterId = clusterId;
    context.effects.emit({ kind: 'cluster', clusterId });
    context.commit([identityRecord(context)], () => {});
  }

  #shadow(): void {
    if (!this.#durable || this.#seeds === null || this.#stored === null || this.#round !== null) return;
    // A simulated start in mid-life missed nothing that a seed could tell.
    if (this.#stored.fold !== undefined) return;
    const { config, self, random, now, clusterId } = this.#context;
    this.#askedMs = now.monotonicMs;
    const remembered = this.#stored.peers.map((peer) => peer.address);
    this.#round = new ShadowRound({
      hostId: self.hostId,
      bootNonce: self.bootNonce,
      address: self.address,
      clusterId,
      found: config.found,
      timeoutMs: clusterId === null || this.#listener.barred() !== null ? config.shadowTimeoutMs : null,
      remembered,
      ignored: this.#ignored,
      random,
    });
    this.#end(this.#round.begin(now, this.#seeds, this.#effects));
  }

  #end(outcome: ShadowOutcome | null): void {
    if (outcome === null) return;
    const { config, effects } = this.#context;
    switch (outcome.kind) {
      case 'found': {
        const error = refusalToFound(config);
        return error === null ? this.#listener.found() : effects.emit({ kind: 'fatal', error });
      }
      case 'answer':
        return this.#listener.join(outcome.answer, outcome.from);
      case 'timeout':
        effects.emit({
          kind: 'fatal',
          error: this.#listener.barred() ?? unreachableSeeds(outcome.silent, config.shadowTimeoutMs),
        });
        return;
    }
  }

  #answer(from: Source, message: ShadowSyn): void {
    const { clusterId, now, protocols, effects, self } = this.#context;
    const { log } = protocols.register;
    if (message.clusterId !== null && message.clusterId !== clusterId && !this.#toldForeign.has(message.clusterId)) {
      this.#toldForeign.add(message.clusterId);
      const text = `${from.hostId} at ${message.address} is of cluster id ${message.clusterId}, this node of ${clusterId}: they never merge; set aside the data directory of the one that is wrong`;
      this.#context.log('error', 'otherCluster', text, { address: message.address });
    }
    // Between learning the cluster id and the first record there is nothing to tell.
    if (log.state === null) return;
    for (const part of clusterAnswerParts({
      round: message.round,
      clusterId: clusterId!,
      wallMs: now.wallMs,
      snapshot: message.brief ? null : log.snapshot,
      records: message.brief ? [] : log.records,
      states: (message.brief ? [self.hostId] : [...protocols.gossiper.hosts()])
        .flatMap((hostId) => protocols.gossiper.wholeState(hostId))
        .map((delta) => (message.brief ? delta : withoutRecordedTokens(delta, log.state!))),
    })) {
      effects.send({ hostId: null, address: from.replyTo }, 'stream', part);
    }
  }
}
