import { RingError } from '../base/error.ts';
import type { Now } from '../base/time.ts';
import type { Command } from '../node/command.ts';
import type { CommandResult, Destination, Effects, Input, Source } from '../node/core-io.ts';
import type { Channel, Message } from '../node/message.ts';
import type { NodeCore } from '../node/node-core.ts';
import type { NodeEvent } from '../node/node-event.ts';
import type { StoreRecord } from '../node/store-record.ts';
import type { Timer } from '../node/timer.ts';
import type { Store } from '../storage/store.ts';
import type { Transport, TransportHandler } from '../transport/transport.ts';
import { LoopLag } from './loop-lag.ts';

/** The loop's own lag is looked at this often; a lag of a whole second and more is told to the core, and so is overload. */
const stallProbeMs = 500;
const stallMs = 1_000;

export interface DriverListener {
  event(event: NodeEvent): void;
  /** Storage failed or an invariant broke: the node must stop. */
  failed(error: unknown): void;
}

/**
 * Drives one `NodeCore` on the real clock, sockets and disk. Inputs are queued while a step runs, so that a step is
 * never entered twice; events reach the listener after the step that emitted them.
 */
export class Driver implements Effects, TransportHandler {
  readonly #core: NodeCore;
  readonly #store: Store;
  readonly #listener: DriverListener;
  readonly #inputs: Input[] = [];
  readonly #events: NodeEvent[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #commands = new Map<number, { resolve(value: unknown): void; reject(error: RingError): void }>();
  #transport: Transport | null = null;
  #nextCommand = 1;
  #draining = false;
  #stopped = false;
  /** Why, once it was stopped. */
  #ended: RingError | null = null;
  /** The core has ended itself, or cannot go on. */
  #halted = false;
  #lastProbeMs = performance.now();
  readonly #loopLag = new LoopLag();

  constructor(core: NodeCore, store: Store, listener: DriverListener) {
    this.#core = core;
    this.#store = store;
    this.#listener = listener;
  }

  /** The transport is opened with this driver as its handler, so it comes second. Call before the first input. */
  attach(transport: Transport): void {
    this.#transport = transport;
    this.#watchLoop();
  }

  input(input: Input): void {
    // Sockets are open before the core is started, and whoever speaks so early speaks again.
    if (this.#over || (!this.#core.started && input.kind !== 'start')) return;
    this.#inputs.push(input);
    this.#drain();
  }

  get #over(): boolean {
    return this.#stopped || this.#halted;
  }

  /** Gives a command to the core. Rejects with the core's `RingError`. */
  command(command: Command): Promise<unknown> {
    if (this.#over) return Promise.reject(this.#ended ?? new RingError('STOPPED', 'the node has ended itself'));
    if (!this.#core.started) return Promise.reject(new RingError('UNAVAILABLE', 'the node is starting'));
    return new Promise((resolve, reject) => {
      const id = this.#nextCommand++;
      this.#commands.set(id, { resolve, reject });
      this.input({ kind: 'command', id, command });
    });
  }

  /** No input is taken and no timer fires any more. Commands that wait are rejected with `error`. */
  stop(error: RingError): void {
    this.#stopped = true;
    this.#ended = error;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const { reject } of this.#commands.values()) reject(error);
    this.#commands.clear();
  }

  message(from: Source, channel: Channel, message: Message): void {
    this.input({ kind: 'message', from, channel, message });
  }

  sendFailed(to: Destination): void {
    this.input({ kind: 'sendFailed', to });
  }

  send(to: Destination, channel: Channel, message: Message): void {
    this.#transport?.send(to, channel, message);
  }

  schedule(timer: Timer, delayMs: number): void {
    this.#later(delayMs, () => this.input({ kind: 'timer', timer }));
  }

  save(record: StoreRecord): void {
    this.#store.save(record);
  }

  commit(batch: readonly StoreRecord[]): void {
    this.#store.commit(batch).then(
      () => this.input({ kind: 'committed', batch }),
      (error) => this.#fail(error),
    );
  }

  complete(commandId: number, result: CommandResult): void {
    const waiting = this.#commands.get(commandId);
    this.#commands.delete(commandId);
    if (waiting === undefined) return;
    if ('error' in result) waiting.reject(result.error);
    else waiting.resolve(result.ok);
  }

  emit(event: NodeEvent): void {
    // Frames of the cluster must open before anything is sent in it, within this very step.
    if (event.kind === 'cluster') this.#transport?.bindCluster(event.clusterId);
    this.#events.push(event);
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let input = this.#inputs.shift(); input !== undefined && !this.#over; input = this.#inputs.shift()) {
        this.#core.step(now(), input, this);
        for (const event of this.#events.splice(0)) this.#tell(event);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#draining = false;
    }
  }

  #tell(event: NodeEvent): void {
    // From here on the node neither hears nor speaks; whoever listens closes the rest.
    if (event.kind === 'fatal' || event.kind === 'left') this.#halted = true;
    this.#listener.event(event);
  }

  /** A core that broke, or whose word is not kept, takes part in nothing while the rest is closed. */
  #fail(error: unknown): void {
    this.#halted = true;
    if (!this.#stopped) this.#listener.failed(error);
  }

  #later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
  }

  #watchLoop(): void {
    const nowMs = performance.now();
    const afterMs = nowMs - this.#lastProbeMs;
    const lagMs = afterMs - stallProbeMs;
    this.#lastProbeMs = nowMs;
    if (lagMs >= stallMs) this.input({ kind: 'stalled', forMs: Math.round(lagMs) });
    if (this.#loopLag.sample(lagMs, afterMs)) this.input({ kind: 'overloaded', overloaded: this.#loopLag.overloaded });
    if (!this.#stopped) this.#later(stallProbeMs, () => this.#watchLoop());
  }
}

function now(): Now {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}
