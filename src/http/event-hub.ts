import { randomBytes } from 'node:crypto';
import type { LivenessEvent, SchemaEvent, StatesEvent } from '../api/stream-event.ts';
import { RingError } from '../base/error.ts';
import { EventLog, type EventLogLimits } from './event-log.ts';
import type { NodePort, NodePortEvent } from './node-port.ts';
import { snapshotView } from './snapshot-view.ts';

/** The state by which a member says how it means to serve. */
const modeKey = 'MODE';

/** One who listens. Must neither throw nor wait. */
export interface EventSink {
  /** A frame of the stream, shared with other sinks. */
  send(frame: Buffer): void;
  /** Called in a fixed rhythm, so that both ends notice when the other is gone. */
  keepAlive(): void;
  /** The node ends the stream. */
  end(): void;
}

export interface EventHubOptions extends EventLogLimits {
  /** A burst of ring changes becomes one snapshot per this time. */
  readonly coalesceMs: number;
  readonly keepAliveMs: number;
  readonly maxSinks: number;
}

export const defaultEventHubOptions: EventHubOptions = {
  coalesceMs: 50,
  // Well within the half minute after which proxies and clients give an idle stream up.
  keepAliveMs: 10_000,
  maxSinks: 1_024,
  maxEvents: 1_024,
  maxBytes: 1_024 * 1_024,
};

/**
 * Tells every listener what moves in the node. Each event is encoded once for all; a whole ring is encoded at most once
 * per `coalesceMs`, and not at all while nobody listens.
 */
export class EventHub {
  readonly #port: NodePort;
  readonly #options: EventHubOptions;
  readonly #log: EventLog;
  readonly #sinks = new Set<EventSink>();
  readonly #unsubscribe: () => void;
  readonly #keepAlive: NodeJS.Timeout;
  #flush: NodeJS.Timeout | null = null;
  /** Told after the snapshot that has its keyspaces. */
  #schemaVersion: string | null = null;
  #closed = false;

  constructor(port: NodePort, options: EventHubOptions = defaultEventHubOptions) {
    this.#port = port;
    this.#options = options;
    this.#log = new EventLog(randomBytes(8).toString('hex'), options);
    this.#unsubscribe = port.subscribe((event) => this.#heard(event));
    this.#keepAlive = setInterval(() => this.#beat(), options.keepAliveMs).unref();
  }

  get listeners(): number {
    return this.#sinks.size;
  }

  /**
   * Sends what the listener lacks (see `EventLog.after`), then every event to come. Returns how to leave; leaving twice is
   * safe. Throws RingError UNAVAILABLE while no ring is known, when too many listen, or after `close`; nothing is sent then.
   */
  join(sink: EventSink, lastEventId: string | null): () => void {
    if (this.#closed) throw new RingError('STOPPED', 'this node is stopping', { hint: 'Ask another node.' });
    if (this.#sinks.size >= this.#options.maxSinks) {
      throw new RingError('UNAVAILABLE', `${this.#sinks.size} clients follow this node already`, {
        hint: 'Follow another node.',
      });
    }
    if (this.#log.isEmpty) this.#log.append('snapshot', snapshotView(this.#port));
    this.#sinks.add(sink);
    for (const frame of this.#log.after(lastEventId)) sink.send(frame);
    return () => this.#sinks.delete(sink);
  }

  /** Ends every stream and hears no more. Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    clearInterval(this.#keepAlive);
    if (this.#flush !== null) clearTimeout(this.#flush);
    for (const sink of this.#sinks) sink.end();
    this.#sinks.clear();
  }

  #heard(event: NodePortEvent): void {
    switch (event.kind) {
      case 'ring':
        return this.#moved();
      case 'schema':
        this.#schemaVersion = event.version;
        return this.#moved();
      case 'liveness':
        return this.#tell('liveness', { hostId: event.hostId, liveness: event.liveness } satisfies LivenessEvent);
      case 'states':
        // Whom to prefer is part of what clients route by.
        if (event.keys.includes(modeKey)) this.#moved();
        return this.#tell('states', { hostId: event.hostId, keys: [...event.keys] } satisfies StatesEvent);
    }
  }

  #moved(): void {
    this.#flush ??= setTimeout(() => this.#tellMoved(), this.#options.coalesceMs).unref();
  }

  #tellMoved(): void {
    this.#flush = null;
    const version = this.#schemaVersion;
    this.#schemaVersion = null;
    if (this.#sinks.size === 0 || this.#port.ring() === null) return this.#log.forget();
    this.#tell('snapshot', snapshotView(this.#port));
    if (version !== null) this.#tell('schema', { schemaVersion: version } satisfies SchemaEvent);
  }

  #tell(event: 'snapshot' | 'liveness' | 'states' | 'schema', data: unknown): void {
    // Nobody listens and nobody could resume: nothing to write down.
    if (this.#sinks.size === 0 && this.#log.isEmpty) return;
    const frame = this.#log.append(event, data);
    for (const sink of [...this.#sinks]) sink.send(frame);
  }

  #beat(): void {
    for (const sink of [...this.#sinks]) sink.keepAlive();
  }
}
