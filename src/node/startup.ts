import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { EpochEffects } from '../epoch/epoch-register.ts';
import type { RingState } from '../epoch/ring-state.ts';
import { type ClusterAnswer, clusterAnswerParts } from '../lifecycle/cluster-answer.ts';
import type { ShadowAck, ShadowSyn, ShadowWaiting } from '../lifecycle/lifecycle-message.ts';
import { withoutRecordedTokens } from '../lifecycle/recorded-tokens.ts';
import { type ShadowEffects, type ShadowOutcome, ShadowRound } from '../lifecycle/shadow-round.ts';
import { randomTokens } from '../token/random-tokens.ts';
import { identityRecord } from './copy-guard.ts';
import type { Seed, Source } from './core-io.ts';
import type { NodeContext } from './node-context.ts';
import { addressRefusal, clockRefusal, refusalOfStored } from './start-checks.ts';
import type { StoredState } from './store-record.ts';

/** How a start goes on once it is decided. */
export interface StartupListener {
  /** The generation is durable: bring the stored history into the register. An error forbids the start. */
  load(): RingError | null;
  /** The store knows the cluster: run with it. */
  resume(): void;
  found(tokens: readonly bigint[]): void;
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
  readonly #listener: StartupListener;
  readonly #effects: ShadowEffects;
  #round: ShadowRound | null = null;
  #seeds: readonly Seed[] | null = null;
  #stored: StoredState | null = null;
  #durable = false;

  constructor(context: NodeContext, listener: StartupListener) {
    this.#context = context;
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
        this.#listener.resume();
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
    const refusal = clockRefusal(context, answer) ?? (first ? addressRefusal(context, answer) : null);
    if (refusal !== null) {
      // Nobody accepted the generation of a wrong clock: give it back, so that a corrected clock can go on.
      context.generation = this.#stored?.identity?.generation ?? 0;
      context.commit([identityRecord(context)], () => context.effects.emit({ kind: 'fatal', error: refusal }));
      return false;
    }
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
    const remembered = this.#stored.peers.map((peer) => peer.address);
    this.#round = new ShadowRound({
      hostId: self.hostId,
      bootNonce: self.bootNonce,
      address: self.address,
      clusterId,
      found: config.found,
      timeoutMs: clusterId === null ? config.shadowTimeoutMs : null,
      remembered,
      random,
    });
    this.#end(this.#round.begin(now, this.#seeds, this.#effects));
  }

  #end(outcome: ShadowOutcome | null): void {
    if (outcome === null) return;
    const { config, random, effects } = this.#context;
    switch (outcome.kind) {
      case 'found':
        this.#listener.found(config.join ? randomTokens(config.tokens, random, () => false) : []);
        return;
      case 'answer':
        this.#listener.join(outcome.answer, outcome.from);
        return;
      case 'timeout':
        effects.emit({
          kind: 'fatal',
          error: new RingError(
            'SEEDS_UNREACHABLE',
            `no seed answered within ${config.shadowTimeoutMs} ms: ${outcome.silent.join(', ') || 'none is configured'}`,
            {
              hint: 'check the addresses, the cluster name and the secret; to found a new cluster, start one node with --found',
            },
          ),
        });
        return;
    }
  }

  #answer(from: Source, message: ShadowSyn): void {
    const { clusterId, now, protocols, effects, self } = this.#context;
    const { log } = protocols.register;
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
