import { RingError } from '../base/error.ts';
import type { Address, HostId } from '../base/id.ts';
import { applicationKeyPrefix } from '../gossip/application-state.ts';
import type { ViewSurvey } from '../node/command.ts';
import type { MemberView, RingView } from '../node/membership.ts';
import type { Liveness, NodeEvent } from '../node/node-event.ts';
import type { NodeReader } from '../node/node-reader.ts';
import type { ReplicatedRange } from '../ring/ownership.ts';
import { readOrder } from '../ring/read-order.ts';
import type { Route, Router } from '../ring/router.ts';
import { type SchemaAgreement, schemaAgreementOf } from '../schema/schema-agreement.ts';
import type { SchemaDefinition } from '../schema/schema-definition.ts';
import type { Driver } from './driver.ts';
import { applicationStates } from './movement-task.ts';
import { RingChanger, type RingChangerParts } from './ring-changer.ts';

/** What an embedded node tells its application, by `kind`. */
export type MurmuringEvent =
  | { readonly kind: 'ring'; readonly epoch: number }
  | { readonly kind: 'liveness'; readonly hostId: HostId; readonly liveness: Liveness }
  | { readonly kind: 'schema'; readonly version: string }
  /** States of a member moved: full keys, the application's own with their `x:`. */
  | { readonly kind: 'states'; readonly hostId: HostId; readonly keys: readonly string[] };

/** An application key of a member changed. `value` null: deleted. */
export interface WatchedChange {
  readonly hostId: HostId;
  readonly key: string;
  readonly value: string | null;
}

/** A replica as routing shows it: a member and how it is seen now. */
export interface RoutedReplica extends Omit<MemberView, 'tokens' | 'state'> {}

/** Where a key belongs: `Route`, with its replicas as members that are seen. */
export interface RoutedKey extends Omit<Route, 'replicas' | 'pending' | 'writeReplicas'> {
  readonly key: string | Uint8Array;
  /** Who is read, in Cassandra's order. */
  readonly replicas: readonly RoutedReplica[];
  /** `replicas` in the order in which to ask them: who lives and serves first, the dead last. */
  readonly readOrder: readonly RoutedReplica[];
  readonly pending: readonly RoutedReplica[];
  /** Who is written: `replicas`, then `pending`. */
  readonly writeReplicas: readonly RoutedReplica[];
}

/** Agreement is asked for anew after this, doubling up to a second (Cassandra's wait). */
const firstAskMs = 50;
const lastAskMs = 1_000;
const surveyMs = 1_000;

/**
 * A running node in the application's own process: who is there, who owns what, and the application's own states.
 * Reading is local and synchronous; what changes something answers once it is durable here. How it changes the ring is in
 * `RingChanger`. Several live in one process without noticing each other.
 */
export class MurmuringNode extends RingChanger {
  readonly gossipAddress: Address;
  readonly httpAddress: Address | null;
  /** Resolves when the node has stopped: null after `stop()`, the reason when it stopped by itself. Never rejects. */
  readonly stopped: Promise<RingError | null>;
  readonly #driver: Driver;
  readonly #read: () => NodeReader;
  readonly #stop: () => Promise<void>;
  readonly #listeners = new Set<(event: MurmuringEvent) => void>();

  constructor(
    options: RingChangerParts & {
      driver: Driver;
      gossipAddress: Address;
      httpAddress: Address | null;
      stop: () => Promise<void>;
    },
  ) {
    super(options);
    this.#driver = options.driver;
    this.#read = options.read;
    this.gossipAddress = options.gossipAddress;
    this.httpAddress = options.httpAddress;
    this.stopped = options.stopped;
    this.#stop = options.stop;
  }

  get hostId(): HostId {
    return this.#read().hostId;
  }

  /** Announces the stop to every live peer, writes what is left, and closes all. Safe to call twice. */
  stop(): Promise<void> {
    return this.#stop();
  }

  /** Members and observers, ascending by host id. */
  members(): readonly MemberView[] {
    return this.#read().members();
  }

  /** The ring as this node holds it; null for an observer that knows none yet. */
  ring(): RingView | null {
    return this.#read().ring();
  }

  /**
   * Sets an application state (`key` without its `x:`) and gossips it. Keys ≤ 64 B, values ≤ 4 KiB, ≤ 256 keys, ≤ 16 KiB
   * in all. Rejects with RingError TOO_LARGE or INVALID_ARGUMENT; then nothing is changed.
   */
  async setState(key: string, value: string): Promise<void> {
    await this.setStates({ [key]: value });
  }

  /** Several application states in one step: every peer sees all of them or none. A null deletes. */
  async setStates(values: Readonly<Record<string, string | null>>): Promise<void> {
    const entries = Object.entries(values).map(([key, value]) => [`${applicationKeyPrefix}${key}`, value] as const);
    await this.#driver.command({ kind: 'setStates', entries });
  }

  async deleteState(key: string): Promise<void> {
    await this.setStates({ [key]: null });
  }

  /** An application state of any member, this node included; null when it has none. */
  state(hostId: HostId, key: string): string | null {
    return this.#read().endpointState(hostId)?.values.get(`${applicationKeyPrefix}${key}`)?.value ?? null;
  }

  /** All application states of a member, keys without their `x:`. */
  states(hostId: HostId): Readonly<Record<string, string>> {
    return applicationStates(this.#read(), hostId);
  }

  /** Calls back for every change of an application key, of any member. Returns how to stop that. */
  watch(key: string, listener: (change: WatchedChange) => void): () => void {
    const full = `${applicationKeyPrefix}${key}`;
    return this.on('states', ({ hostId, keys }) => {
      if (keys.includes(full)) listener({ hostId, key, value: this.state(hostId, key) });
    });
  }

  /** Listens to events of one kind. A listener that throws is the application's crash, not the node's. */
  on<Kind extends MurmuringEvent['kind']>(
    kind: Kind,
    listener: (event: Extract<MurmuringEvent, { kind: Kind }>) => void,
  ): () => void {
    const each = (event: MurmuringEvent): void => {
      if (event.kind === kind) listener(event as Extract<MurmuringEvent, { kind: Kind }>);
    };
    this.#listeners.add(each);
    return () => this.#listeners.delete(each);
  }

  /** Where a key belongs: a local look-up, no I/O. Throws RingError INVALID_KEY, UNKNOWN_KEYSPACE, UNAVAILABLE. */
  route(key: string | Uint8Array, options: { readonly keyspace?: string } = {}): RoutedKey {
    const { replicas, pending, writeReplicas: _, ...route } = this.#router().route(key, options.keyspace ?? null);
    const reader = this.#read();
    const shown = (hosts: readonly { hostId: HostId }[]): RoutedReplica[] =>
      hosts.map(({ hostId }) => routedReplica(reader.member(hostId)));
    const [read, besides] = [shown(replicas), shown(pending)];
    const writeReplicas = [...read, ...besides];
    return { key, ...route, replicas: read, readOrder: readOrder(read), pending: besides, writeReplicas };
  }

  /**
   * Refuses a request about a key that was routed by a ring (`epoch`) older than the last change of whom the key is read
   * from or written to. A replica asks this **after** it applied the write or read the value, before it answers: then
   * nothing that an older ring routed is acknowledged from the moment on at which this node says that it knows the change.
   * A local look-up. Throws RingError STALE_ROUTE; DRAINED once this node is drained; INVALID_KEY, UNKNOWN_KEYSPACE, UNAVAILABLE, and INVALID_ARGUMENT for
   * what is no epoch.
   */
  guard(key: string | Uint8Array, options: { readonly epoch: number; readonly keyspace?: string }): void {
    const { epoch, keyspace } = options;
    if (!Number.isSafeInteger(epoch) || epoch < 0) {
      throw new RingError('INVALID_ARGUMENT', `got ${String(epoch)} as an epoch, expected that of the route`, {
        hint: 'pass the epoch that came with the route',
      });
    }
    this.#read().guard(key, keyspace ?? null, epoch);
  }

  /** Keys by the host id of their first replica. Throws as `route`. */
  groupByOwner<Key extends string | Uint8Array>(
    keys: Iterable<Key>,
    options: { readonly keyspace?: string } = {},
  ): Map<HostId, Key[]> {
    return this.#router().groupByOwner(keys, options.keyspace ?? null);
  }

  /** Every range with the replicas that are read, ascending. */
  ranges(options: { readonly keyspace?: string } = {}): ReplicatedRange[] {
    return this.#router().ranges(options.keyspace ?? null);
  }

  /** The schema's live definitions. */
  schema(): { readonly version: string; readonly definitions: readonly SchemaDefinition[] } {
    const { schema } = this.#read();
    return { version: schema.version, definitions: schema.list() };
  }

  async putKeyspace(name: string, replication: Readonly<Record<string, string | number>>): Promise<void> {
    await this.#driver.command({ kind: 'putSchema', type: 'keyspace', name, replication, document: null });
  }

  async putDocument(name: string, document: string): Promise<void> {
    await this.#driver.command({ kind: 'putSchema', type: 'document', name, replication: null, document });
  }

  async dropKeyspace(name: string): Promise<void> {
    await this.#driver.command({ kind: 'dropSchema', type: 'keyspace', name });
  }

  async dropDocument(name: string): Promise<void> {
    await this.#driver.command({ kind: 'dropSchema', type: 'document', name });
  }

  /** Asks every live member directly what it holds. */
  async survey(timeoutMs: number = surveyMs): Promise<ViewSurvey> {
    return (await this.#driver.command({ kind: 'survey', timeoutMs })) as ViewSurvey;
  }

  /** Waits until all live members hold one schema version, or says who differs when the time is over. */
  async awaitSchemaAgreement(options: { readonly timeoutMs?: number } = {}): Promise<SchemaAgreement> {
    const deadlineMs = performance.now() + (options.timeoutMs ?? 30_000);
    for (let waitMs = firstAskMs; ; waitMs = Math.min(2 * waitMs, lastAskMs)) {
      const leftMs = deadlineMs - performance.now();
      const survey = await this.survey(Math.max(1, Math.min(surveyMs, leftMs)));
      const agreement = schemaAgreementOf(survey, (hostId) => this.#read().member(hostId).liveness === 'dead');
      if (agreement.agreed || performance.now() + waitMs >= deadlineMs) return agreement;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** For the driver's listener: passes on what applications may hear. */
  heard(event: NodeEvent): void {
    this.changed(event);
    if (event.kind !== 'ring' && event.kind !== 'liveness' && event.kind !== 'schema' && event.kind !== 'states')
      return;
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        // Uncaught in the application's own name: the node's step is over and nothing of it is lost.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #router(): Router {
    const router = this.#read().router();
    if (router === null)
      throw new RingError('UNAVAILABLE', 'no ring is known yet', { hint: 'wait until the node is ready' });
    return router;
  }
}

function routedReplica(member: MemberView): RoutedReplica {
  const { hostId, address, httpAddress, datacenter, rack, liveness, mode } = member;
  return { hostId, address, httpAddress, datacenter, rack, liveness, mode };
}
