import { InvariantViolation } from '../base/error.ts';
import type { Random } from '../base/random.ts';
import type { Now } from '../base/time.ts';
import { EpochRegister } from '../epoch/epoch-register.ts';
import type { EndpointDirectory } from '../gossip/endpoint-directory.ts';
import { Gossiper } from '../gossip/gossiper.ts';
import { SchemaBook } from '../schema/schema-book.ts';
import type { Effects, Input } from './core-io.ts';
import type { NodeConfig } from './node-config.ts';
import { NodeContext } from './node-context.ts';
import { NodeReader } from './node-reader.ts';
import { SharedRing } from './shared-ring.ts';
import { StartedNode } from './started-node.ts';

/** Bytes of deltas that one gossip message carries at most. */
const maxDeltaBytes = 48 * 1024;

export interface NodeCoreOptions {
  readonly config: NodeConfig;
  readonly random: Random;
  /** One per process in production, one per world in the simulator. */
  readonly directory: EndpointDirectory;
  /** One per world in the simulator; by default the node has its own. */
  readonly sharedRing?: SharedRing;
}

/**
 * A node as a synchronous state machine: one door in, `step`, and a small sink out. It reads no clock, no random source,
 * no socket and no disk, and holds no promise. The duties of whoever drives it stand at `Input` and `Effects`.
 *
 * Errors of input are answered, logged or counted; only an `InvariantViolation` escapes `step`, and then the driver must
 * stop the process (the simulator fails with its seed).
 */
export class NodeCore {
  readonly #options: NodeCoreOptions;
  #node: StartedNode | null = null;
  #reader: NodeReader | null = null;

  constructor(options: NodeCoreOptions) {
    this.#options = options;
  }

  step(now: Now, input: Input, effects: Effects): void {
    if (input.kind === 'start') {
      if (this.#node !== null) throw new InvariantViolation('a node core was started twice');
      this.#node = this.#start(now, input, effects);
      this.#node.begin();
      return;
    }
    const node = this.#node;
    if (node === null) throw new InvariantViolation(`a node core got ${input.kind} before start`);
    node.context.now = now;
    node.context.effects = effects;
    node.handle(input);
  }

  get started(): boolean {
    return this.#node !== null;
  }

  /** Read-only views of the node. Throws before `start`. */
  get reader(): NodeReader {
    if (this.#node === null) throw new InvariantViolation('a node core was read before start');
    this.#reader ??= new NodeReader(this.#node);
    return this.#reader;
  }

  #start(now: Now, input: Extract<Input, { kind: 'start' }>, effects: Effects): StartedNode {
    const { config, random, directory } = this.#options;
    const { stored } = input;
    const hostId = stored.identity?.hostId ?? input.freshHostId;
    let node: StartedNode | null = null;
    const context = new NodeContext({
      config,
      random,
      sharedRing: this.#options.sharedRing ?? new SharedRing(),
      self: { hostId, bootNonce: input.bootNonce, address: input.address, httpAddress: input.httpAddress },
      protocols: {
        gossiper: new Gossiper({
          hostId,
          directory,
          random,
          style: config.exchangeStyle,
          maxDeltaBytes,
          isBarred: (host, generation) => node?.gossip.isBarred(host, generation) === true,
        }),
        detector: null,
        // At a start nobody is known to be dead yet, only not to have answered: a voter waits for all the memories it can get.
        register: new EpochRegister({ hostId, random, isDead: () => false }),
        schema: new SchemaBook(stored.schema),
      },
      now,
      effects,
    });
    node = new StartedNode(context, stored, directory);
    return node;
  }
}
