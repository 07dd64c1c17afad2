import { paths } from '../api/paths.ts';
import { RingSnapshot } from '../api/ring-snapshot.ts';
import { LivenessEvent } from '../api/stream-event.ts';
import { RingError } from '../base/error.ts';
import type { Random } from '../base/random.ts';
import { type ContactPoint, parseContactPoint } from './contact-point.ts';
import type { HttpDoor, StreamEvent } from './http-door.ts';
import { reader } from './reader.ts';
import { type KnownMember, reconnectionDelayMs, reconnectionPlan } from './reconnection.ts';
import type { RingClientEvent } from './ring-client-event.ts';
import { judgeSnapshot, RingView } from './ring-view.ts';

export interface LiveRingOptions {
  readonly door: HttpDoor;
  readonly contactPoints: readonly ContactPoint[];
  /** Name of the only cluster whose ring is taken; null: that of the node which answers first. */
  readonly cluster: string | null;
  readonly random: Random;
  /** How long one node may take to answer and to send a snapshot, while none is held. */
  readonly firstAttemptTimeoutMs: number;
  /** How long one node may take to answer, later. */
  readonly attemptTimeoutMs: number;
  /** How long a stream may be silent, keep-alive comments counted, before its node counts as gone. */
  readonly idleTimeoutMs: number;
  readonly onEvent: (event: RingClientEvent) => void;
}

const readSnapshot = reader(RingSnapshot);
const readLiveness = reader(LivenessEvent);

/** A stream that lived this long was a good one: the next search starts without a rest. */
const steadyMs = 1_000;

/**
 * A ring kept live by the event stream (`/v1/events`) of one node at a time. When the stream ends, the next node of the
 * `reconnectionPlan` is asked, with the id of the last event, so that a node which still knows it sends only what
 * came after. What is held is never lost meanwhile, and never replaced by something older (`judgeSnapshot`).
 */
export class LiveRing {
  readonly #options: LiveRingOptions;
  readonly #protocol: ContactPoint['protocol'];
  #view: RingView | null = null;
  #connectedTo: ContactPoint | null = null;
  #lastEventId: string | null = null;
  /** Ends what `run` waits for at the moment: a stream or a rest. */
  #interrupt: (() => void) | null = null;
  #closed = false;

  constructor(options: LiveRingOptions) {
    this.#options = options;
    // Members are named as host:port. Once TLS, always TLS: the token must not travel in the clear.
    this.#protocol = options.contactPoints.some((point) => point.protocol === 'https:') ? 'https:' : 'http:';
  }

  /** The newest view, or null before the first snapshot. */
  get view(): RingView | null {
    return this.#view;
  }

  /** The node whose stream is open, or null while none is. */
  get connectedTo(): ContactPoint | null {
    return this.#connectedTo;
  }

  /** Nodes to send a request to: the connected one first. */
  plan(): ContactPoint[] {
    const others = reconnectionPlan(this.#options.contactPoints, this.#members(), null, this.#options.random);
    const current = this.#connectedTo;
    return current === null ? others : [current, ...others.filter((point) => point.origin !== current.origin)];
  }

  /** Follows one node after another until `close`. `onLeft` hears why each was left, or could not be followed at all. */
  async run(onLeft: (origin: string, error: RingError) => void): Promise<void> {
    let lost: ContactPoint | null = null;
    let misses = 0;
    while (!this.#closed) {
      const plan = reconnectionPlan(this.#options.contactPoints, this.#members(), lost, this.#options.random);
      let steady = false;
      let rested = false;
      for (const point of plan) {
        if (this.#closed) return;
        const startedAt = performance.now();
        const { error, opened } = await this.#follow(point);
        if (this.#closed) return;
        onLeft(point.origin, error);
        steady = opened && performance.now() - startedAt >= steadyMs;
        if (steady) {
          lost = point;
          break;
        }
        // Whoever opens a stream sends a whole ring: not one after another without a pause.
        if (opened) await this.#rest(++misses);
        rested = opened;
      }
      if (steady) misses = 0;
      else if (!rested) await this.#rest(++misses);
    }
  }

  /** Ends the stream and the search. Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#interrupt?.();
  }

  /** Follows one node until its stream ends. `opened`: it was followed at all. */
  #follow(point: ContactPoint): Promise<{ error: RingError; opened: boolean }> {
    return new Promise((resolve) => {
      const { door, idleTimeoutMs, onEvent } = this.#options;
      const attemptTimeoutMs = this.#options[this.#view === null ? 'firstAttemptTimeoutMs' : 'attemptTimeoutMs'];
      let opened = false;
      let ended = false;
      const end = (error: RingError): void => {
        if (ended) return;
        ended = true;
        clearTimeout(firstSnapshot);
        stream.close();
        this.#interrupt = null;
        this.#connectedTo = null;
        if (opened) onEvent({ kind: 'disconnected', origin: point.origin, error });
        resolve({ error, opened });
      };
      // Only a client that holds nothing yet must have a snapshot soon; any other can wait for news.
      const firstSnapshot = setTimeout(() => {
        if (this.#view === null) end(new RingError('TIMEOUT', `${point.origin} sent no snapshot`));
      }, attemptTimeoutMs);
      const stream = door.openEvents(point, paths.events, {
        lastEventId: this.#lastEventId,
        connectTimeoutMs: attemptTimeoutMs,
        idleTimeoutMs,
        onOpen: () => {
          opened = true;
          this.#connectedTo = point;
          onEvent({ kind: 'connected', origin: point.origin });
        },
        onEvent: (event) => {
          const refusal = this.#take(point, event);
          if (refusal !== null) end(refusal);
        },
        onEnd: end,
      });
      this.#interrupt = () => end(new RingError('STOPPED', 'the client was closed'));
    });
  }

  /**
   * Takes one event of the stream. Answers why its node must not be followed any longer, or null. The view is unchanged
   * then, and the next node is asked for everything.
   */
  #take(point: ContactPoint, { id, event, data }: StreamEvent): RingError | null {
    let payload: unknown;
    try {
      payload = JSON.parse(data);
    } catch {
      payload = undefined;
    }
    const refusal = payload === undefined ? notUnderstood(point, event) : this.#apply(point, event, payload);
    this.#lastEventId = refusal === null && isResumable(id) ? id : null;
    return refusal;
  }

  #apply(point: ContactPoint, event: string, payload: unknown): RingError | null {
    switch (event) {
      case 'snapshot': {
        const snapshot = readSnapshot(payload);
        return snapshot === null ? notUnderstood(point, event) : this.#applySnapshot(point, snapshot);
      }
      case 'liveness': {
        const told = readLiveness(payload);
        if (told === null) return notUnderstood(point, event);
        if (this.#view?.noteLiveness(told.hostId, told.liveness)) this.#options.onEvent({ kind: 'liveness', ...told });
        return null;
      }
      // `schema` and `states`: a snapshot follows where they matter for routing. A newer node may tell more than we know of.
      default:
        return null;
    }
  }

  #applySnapshot(point: ContactPoint, snapshot: RingSnapshot): RingError | null {
    const held = this.#view;
    const { cluster } = this.#options;
    if (cluster !== null && snapshot.cluster !== cluster) return ofOtherCluster(point, snapshot, cluster);
    switch (judgeSnapshot(held?.snapshot ?? null, snapshot)) {
      case 'taken': {
        let view: RingView;
        try {
          view = new RingView(snapshot);
        } catch (error) {
          return error instanceof RingError ? error : notUnderstood(point, 'snapshot');
        }
        this.#view = view;
        for (const event of changes(held, view)) this.#options.onEvent(event);
        return null;
      }
      case 'older':
        return null;
      case 'fork':
        this.#options.onEvent({
          kind: 'fork',
          origin: point.origin,
          held: stand(held!.snapshot),
          seen: stand(snapshot),
        });
        // It would bring no news of the ring that is held; another node may.
        return new RingError(
          'FORKED',
          `${point.origin} follows lineage ${snapshot.lineage}, expected ${held!.snapshot.lineage}`,
        );
      case 'otherCluster':
        return ofOtherCluster(point, snapshot, held!.snapshot.clusterId);
    }
  }

  #members(): KnownMember[] {
    const members: KnownMember[] = [];
    for (const { hostId, httpAddress } of this.#view?.snapshot.members ?? []) {
      if (httpAddress === null) continue;
      try {
        const point = parseContactPoint(httpAddress, this.#protocol);
        members.push({ point, alive: this.#view?.livenessOf(hostId) === 'alive' });
      } catch {
        // An address that cannot be read leads nowhere; the others do.
      }
    }
    return members;
  }

  #rest(misses: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve();
      const timer = setTimeout(() => this.#interrupt?.(), reconnectionDelayMs(misses, this.#options.random));
      this.#interrupt = () => {
        clearTimeout(timer);
        this.#interrupt = null;
        resolve();
      };
    });
  }
}

/** What the listeners of a client learn when one view follows another. */
function changes(before: RingView | null, after: RingView): RingClientEvent[] {
  const { epoch, ringFingerprint, lineage, schemaVersion } = after.snapshot;
  const events: RingClientEvent[] = [];
  const old = before?.snapshot;
  if (old?.ringFingerprint !== ringFingerprint || old.epoch !== epoch || old.lineage !== lineage) {
    events.push({ kind: 'ring', epoch, ringFingerprint, lineage });
  }
  if (old?.schemaVersion !== schemaVersion) events.push({ kind: 'schema', schemaVersion });
  for (const { hostId, liveness } of after.snapshot.members) {
    if (before?.members.has(hostId) && before.livenessOf(hostId) !== liveness) {
      events.push({ kind: 'liveness', hostId, liveness });
    }
  }
  return events;
}

/** Whether an id can be a header, which what a server sends need not be. Ours are much shorter. */
const isResumable = (id: string | null): boolean => id !== null && /^[\x21-\x7e]{1,256}$/.test(id);

function stand({ lineage, epoch }: RingSnapshot): { lineage: string; epoch: number } {
  return { lineage, epoch };
}

function ofOtherCluster(point: ContactPoint, { cluster, clusterId }: RingSnapshot, expected: string): RingError {
  return new RingError('REFUSED', `${point.origin} is of cluster ${cluster} (${clusterId}), expected ${expected}`, {
    hint: 'Give contact points of one cluster only.',
  });
}

function notUnderstood(point: ContactPoint, event: string): RingError {
  return new RingError('UNSUPPORTED', `${point.origin} sent a ${event} event that is not understood`, {
    hint: 'Check that it is a murmuring node, of a version that this client knows.',
  });
}
