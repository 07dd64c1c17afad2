import { InvariantViolation, type RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { RingState } from '../epoch/ring-state.ts';
import { ApplicationState } from '../gossip/application-state.ts';
import type { EndpointDirectory } from '../gossip/endpoint-directory.ts';
import type { StateChange } from '../gossip/gossiper.ts';
import { Adoption } from './adoption.ts';
import { CommandDesk } from './command-desk.ts';
import { CopyGuard } from './copy-guard.ts';
import type { Input } from './core-io.ts';
import { DetectorLoop } from './detector-loop.ts';
import { GossipLoop } from './gossip-loop.ts';
import { Inbox } from './inbox.ts';
import { JoinLoop } from './join-loop.ts';
import { Membership } from './membership.ts';
import type { NodeContext } from './node-context.ts';
import { OperationLoop } from './operation-loop.ts';
import { OwnRemoval } from './own-removal.ts';
import { PeerKeeper } from './peer-keeper.ts';
import { Reach } from './reach.ts';
import { RingLoop } from './ring-loop.ts';
import { SchemaLoop } from './schema-loop.ts';
import { SelfState } from './self-state.ts';
import { Startup } from './startup.ts';
import type { StoredState } from './store-record.ts';
import { Survey } from './survey.ts';
import type { Timer } from './timer.ts';

/**
 * A node from its `start` on: the procedures, wired to one another. It owns no rule of its own; who calls whom when
 * something moved stands here and nowhere else.
 */
export class StartedNode {
  readonly context: NodeContext;
  readonly membership: Membership;
  readonly #selfState: SelfState;
  readonly #detector: DetectorLoop;
  readonly gossip: GossipLoop;
  readonly #ring: RingLoop;
  readonly operations: OperationLoop;
  readonly #schema: SchemaLoop;
  readonly #peers: PeerKeeper;
  readonly #copyGuard: CopyGuard;
  readonly #survey: Survey;
  readonly startup: Startup;
  readonly commands: CommandDesk;
  readonly join: JoinLoop;
  readonly #inbox: Inbox;
  readonly #adoption: Adoption;
  readonly #stored: StoredState;
  #running = false;
  readonly removal: OwnRemoval;
  /** Goodbye is said, or the ring was left: nothing is started any more. */
  #left = false;

  constructor(context: NodeContext, stored: StoredState, directory: EndpointDirectory) {
    this.context = context;
    this.#stored = stored;
    this.membership = new Membership(context);
    this.#selfState = new SelfState(context, this.membership);
    this.#copyGuard = new CopyGuard(context);
    this.#peers = new PeerKeeper(context, this.membership);
    this.#survey = new Survey(context, this.membership, () => this.operations.report());
    this.#schema = new SchemaLoop(context, this.membership, (definitions) => {
      this.#selfState.refresh();
      this.gossip.news.defined(definitions);
      this.operations.moved();
    });
    this.#ring = new RingLoop(context, this.membership, {
      besides: (batch) => this.#schema.besides(batch),
      decided: (record, state, announced) => {
        this.#decided(record, state, announced);
        this.operations.decided();
      },
      durable: () => this.operations.moved(),
    });
    this.removal = new OwnRemoval(context, this.#ring);
    this.operations = new OperationLoop(context, this.membership, this.#ring, stored.movements);
    const reach = new Reach(context, this.membership);
    const parts = { context, membership: this.membership, copyGuard: this.#copyGuard, peers: this.#peers };
    this.#detector = new DetectorLoop({
      ...parts,
      directory,
      listener: {
        changed: (hostId, liveness) => {
          this.gossip.livenessChanged(hostId, liveness);
          if (liveness === 'alive') this.#heardOf(hostId);
        },
        claim: (claim) => this.gossip.news.claimed(claim),
      },
    });
    this.gossip = new GossipLoop({
      ...parts,
      reach,
      detector: this.#detector,
      listener: {
        changed: (change) => this.#changed(change),
        forgotten: (hostId) => this.#schema.gone(hostId),
        deadClaims: () => this.#detector.deadClaims(),
      },
    });
    this.join = new JoinLoop(context, this.membership, () => this.#schema.awaited());
    this.commands = new CommandDesk(context, {
      schema: this.#schema,
      survey: this.#survey,
      operations: this.operations,
      membership: this.membership,
      ring: this.#ring,
      join: this.join,
      selfState: this.#selfState,
      sayGoodbye: () => this.#sayGoodbye(),
    });
    this.startup = new Startup(context, reach, {
      load: () => this.#load(),
      barred: () => this.removal.error,
      resume: () => this.#resume(),
      found: () => this.#found(),
      join: (answer, from) => this.#adopt(answer, from),
    });
    this.#adoption = new Adoption(context, (states) => this.gossip.learn(states));
    this.#inbox = new Inbox(context, this.membership, {
      startup: this.startup,
      gossip: this.gossip,
      detector: this.#detector,
      ring: this.#ring,
      operations: this.operations,
      schema: this.#schema,
      join: this.join,
      survey: this.#survey,
      copyGuard: this.#copyGuard,
    });
  }

  begin(): void {
    this.startup.begin(this.#stored);
  }

  handle(input: Exclude<Input, { kind: 'start' }>): void {
    this.#take(input);
    this.gossip.stepEnded();
  }

  #take(input: Exclude<Input, { kind: 'start' }>): void {
    switch (input.kind) {
      case 'message':
        if (this.removal.departure !== null) return this.removal.departure.heard(input.from, input.message);
        return this.#inbox.take(input.from, input.message, input.channel, this.#running);
      case 'timer':
        return this.#timer(input.timer);
      case 'command':
        return this.commands.take(input.id, input.command, this.#running);
      case 'committed':
        return this.context.committed(input.batch);
      case 'seeds':
        // A member may be known by the name that the seed list has, or by an address behind it.
        this.gossip.seedsResolved(new Set(input.seeds.flatMap((seed) => [seed.name, ...seed.addresses])));
        return this.startup.seedsResolved(input.seeds);
      case 'sendFailed':
        if (input.to.hostId !== null) this.#schema.sendFailed(input.to.hostId);
        return;
      case 'stalled':
        return this.#detector.stalled(input.forMs);
      case 'overloaded':
        return this.#selfState.overloaded(input.overloaded);
    }
  }

  #timer(timer: Timer): void {
    if (timer.kind === 'departure') this.removal.departure?.timer();
    if (this.#left) return;
    switch (timer.kind) {
      case 'rumors':
        return this.gossip.rumorTimer(timer.mark);
      case 'detector':
        return this.#detector.timer(timer.timer);
      case 'gossip':
        // What moved since the last tick is said once, however many states it came from.
        this.#selfState.refresh();
        this.startup.tick();
        return this.gossip.tick();
      case 'adoption':
        return this.#adoption.timer(timer.mark);
      case 'shadowRound':
        return this.startup.timer(timer.round);
      case 'join':
        return this.join.timer(timer.attempt);
      case 'operation':
        return this.operations.timer(timer.purpose);
      case 'catchUp':
        return this.#ring.catchUp.timer();
      case 'epoch':
        return this.#ring.epochTimer(timer.purpose, timer.mark);
      case 'schemaPull':
        return this.#schema.timer(timer.mark);
      case 'departure':
        return;
      case 'copyProbe':
        return this.#copyGuard.timer(timer.probe);
      case 'query':
        return this.#survey.timer(timer.query);
    }
  }

  #sayGoodbye(): number {
    this.#running = false;
    this.#left = true;
    this.#selfState.announceShutdown();
    return this.gossip.sayGoodbye();
  }

  #load(): RingError | null {
    const error = this.#ring.load(this.#stored);
    if (error === null) this.removal.loaded(this.membership.state);
    return error;
  }

  /** By its own store: with its last ring and the peers that it remembers. */
  #resume(): void {
    const { gossiper } = this.context.protocols;
    gossiper.start(this.context.generation, this.#selfState.initial());
    if (this.#stored.states !== undefined) gossiper.hold(this.#stored.states);
    else for (const peer of this.#stored.peers) gossiper.preload(peer.states);
    this.#peers.remembered(this.#stored.peers, this.#stored.fold !== undefined);
    this.membership.moved();
    this.#run();
  }

  #found(): void {
    this.context.protocols.gossiper.start(this.context.generation, this.#selfState.initial());
    this.#ring.found();
  }

  #adopt(answer: Parameters<Startup['adopt']>[0], from: HostId): void {
    const barred = this.removal.error !== null;
    const { effects } = this.#ring;
    if (!this.startup.adopt(answer, from, effects, () => this.#selfState.initial())) return;
    // What it was told may have removed it just now.
    if (this.#left || !this.removal.isLifted(this.membership.state)) return;
    if (barred) this.#resume();
    this.#adoption.begin(answer.states, () => {
      if (!this.#running) this.#run();
    });
  }

  /** The cluster is known: gossip, vote, and join if that is wanted and not done. */
  #run(): void {
    if (this.#running) throw new InvariantViolation('a node started running twice');
    this.#running = true;
    this.gossip.begin();
    this.operations.decided();
    this.#schema.begin();
    this.#selfState.refresh();
    this.#detector.begin(this.#stored.fold !== undefined);
    this.#peers.ringMoved();
    this.join.settle(this.#stored.lifecycle);
  }

  #decided(record: RingRecord | null, state: RingState, announced: boolean): void {
    const { context } = this;
    const { hostId: self } = context.self;
    // Also by one that was removed itself: the records after its own removal may name others.
    for (const hostId of state.removed.keys()) {
      if (hostId !== self && context.protocols.gossiper.stateOf(hostId) !== null) this.gossip.forget(hostId);
    }
    if (this.removal.error !== null) return;
    if (record?.kind === 'found' && !this.#running) {
      this.startup.founded(state);
      this.#run();
    }
    if (state.removed.has(self)) return this.#removed(state);
    if (record !== null) this.#schema.decided(record);
    this.#peers.ringMoved();
    this.#selfState.refresh();
    context.effects.emit({ kind: 'ring', epoch: state.epoch });
    if (!this.#running) return;
    this.#detector.follow();
    if (record !== null) this.gossip.news.decided(record, announced);
    this.join.decided(record, state);
  }

  #removed(state: RingState): void {
    const ran = this.#running;
    this.#running = false;
    this.#left = true;
    this.removal.decided(state, ran);
  }

  #changed({ hostId, keys }: StateChange): void {
    if (keys.includes(ApplicationState.schema) || keys.includes(ApplicationState.ringFingerprint))
      this.#heardOf(hostId);
    if (keys.includes(ApplicationState.datacenter) || keys.includes(ApplicationState.rack)) this.operations.moved();
  }

  #heardOf(hostId: HostId): void {
    this.#schema.reported(hostId);
    this.#ring.catchUp.sawPosition(hostId);
  }
}
