import { randomInt } from 'node:crypto';
import { paths, pathWith } from '../api/paths.ts';
import { SchemaAgreement } from '../api/schema-agreement.ts';
import { RingError } from '../base/error.ts';
import type { HostId } from '../base/id.ts';
import { SeededRandom } from '../base/random.ts';
import { readOrder } from '../ring/read-order.ts';
import type { RingMember } from '../ring/ring-member.ts';
import type { ClientRange, ClientRoute, Member, Replica } from './client-route.ts';
import { parseContactPoint } from './contact-point.ts';
import { HttpDoor } from './http-door.ts';
import { LiveRing } from './live-ring.ts';
import { reader } from './reader.ts';
import type { RingClientEvent, RingClientEventKind, RingClientEventOf } from './ring-client-event.ts';
import { type KeyspaceOption, positiveMs, type RingClientOptions } from './ring-client-options.ts';
import type { RingView } from './ring-view.ts';

const readAgreement = reader(SchemaAgreement);

const defaultConnectTimeoutMs = 10_000;
const defaultIdleTimeoutMs = 30_000;
const attemptTimeoutMs = 2_500;

/**
 * Routes keys by a ring that one node after another keeps live. Routing is a look-up in memory: it does no I/O, works
 * on while no node answers, and never goes back to an earlier epoch of the same lineage. An open client keeps its
 * process alive; `close` ends it.
 */
export class RingClient {
  readonly #door: HttpDoor;
  readonly #live: LiveRing;
  readonly #listeners = new Map<RingClientEventKind, Set<(event: RingClientEvent) => void>>();
  #closed = false;

  private constructor(options: RingClientOptions, connectTimeoutMs: number) {
    this.#door = new HttpDoor({ token: options.token ?? null, ca: options.ca ?? null });
    this.#live = new LiveRing({
      door: this.#door,
      contactPoints: options.contactPoints.map((text) => parseContactPoint(text)),
      cluster: options.cluster ?? null,
      random: new SeededRandom(randomInt(2 ** 32)),
      firstAttemptTimeoutMs: firstAttemptTimeoutMs(connectTimeoutMs, options.contactPoints.length),
      attemptTimeoutMs,
      idleTimeoutMs: positiveMs('idleTimeoutMs', options.idleTimeoutMs, defaultIdleTimeoutMs),
      onEvent: (event) => this.#tell(event),
    });
  }

  /**
   * Resolves once a node has sent its ring. Rejects with INVALID_ADDRESS or INVALID_ARGUMENT for bad options, at once if
   * every node refuses in a way that waiting cannot mend (UNAUTHORIZED), else with UNAVAILABLE after `connectTimeoutMs`,
   * saying what each contact point answered. Nothing is left open then.
   */
  static connect(options: RingClientOptions): Promise<RingClient> {
    return new Promise((resolve, reject) => {
      if (!Array.isArray(options.contactPoints) || options.contactPoints.length === 0) {
        throw new RingError('INVALID_ARGUMENT', 'got no contactPoints, expected at least one host:port or URL', {
          hint: 'Give the HTTP addresses of one or more nodes.',
        });
      }
      const connectTimeoutMs = positiveMs('connectTimeoutMs', options.connectTimeoutMs, defaultConnectTimeoutMs);
      const client = new RingClient(options, connectTimeoutMs);
      const origins = client.#live.plan().map(({ origin }) => origin);
      const said = new Map<string, RingError>();
      const giveUp = (error: RingError): void => {
        clearTimeout(deadline);
        client.close();
        reject(error);
      };
      const deadline = setTimeout(() => giveUp(nobodyAnswered(connectTimeoutMs, origins, said)), connectTimeoutMs);
      const stopWaiting = client.on('ring', () => {
        clearTimeout(deadline);
        stopWaiting();
        resolve(client);
      });
      void client.#live.run((origin, error) => {
        if (client.#live.view !== null) return;
        said.set(origin, error);
        const hopeless = said.size === origins.length && [...said.values()].every((each) => !each.retryable);
        if (hopeless) giveUp(said.get(origins[0]!)!);
      });
    });
  }

  /** Name of the cluster whose ring this is. */
  get cluster(): string {
    return this.#view().snapshot.cluster;
  }

  /** Its id, which the founder made: two clusters may have one name, but never one id. */
  get clusterId(): string {
    return this.#view().snapshot.clusterId;
  }

  /** The epoch that the client routes by. */
  get epoch(): number {
    return this.#view().snapshot.epoch;
  }

  /** The fingerprint of the ring that the client routes by: equal on all who see the same ring. */
  get ringFingerprint(): string {
    return this.#view().snapshot.ringFingerprint;
  }

  /** The schema version that the client's node reported last. */
  get schemaVersion(): string {
    return this.#view().snapshot.schemaVersion;
  }

  /** The origin of the node that keeps the ring live, or null while the client looks for one. */
  get connectedTo(): string | null {
    return this.#live.connectedTo?.origin ?? null;
  }

  /**
   * Where a key belongs: a local look-up. Strings count as UTF-8. Throws INVALID_KEY for an empty key or one that is
   * neither string nor bytes, UNKNOWN_KEYSPACE, STOPPED after `close`.
   */
  route(key: string | Uint8Array, { keyspace }: KeyspaceOption = {}): ClientRoute {
    const view = this.#view();
    const route = view.router.route(key, keyspace ?? null);
    const read = replicas(view, route.replicas);
    const pending = replicas(view, route.pending);
    return {
      key,
      token: route.token,
      keyspace: route.keyspace,
      replicas: read,
      readOrder: readOrder(read),
      pending,
      writeReplicas: [...read, ...pending],
      requiredReads: route.requiredReads,
      requiredWriteAcks: route.requiredWriteAcks,
      epoch: route.epoch,
      ringFingerprint: route.ringFingerprint,
    };
  }

  /** The keys by the host id of their primary replica, each group in the order given. Throws as `route` does. */
  groupByOwner<Key extends string | Uint8Array>(
    keys: Iterable<Key>,
    { keyspace }: KeyspaceOption = {},
  ): Map<HostId, Key[]> {
    return this.#view().router.groupByOwner(keys, keyspace ?? null);
  }

  /** Every range with the replicas that are read, ascending by token. Throws UNKNOWN_KEYSPACE, STOPPED after `close`. */
  ranges({ keyspace }: KeyspaceOption = {}): ClientRange[] {
    const view = this.#view();
    return view.router.ranges(keyspace ?? null).map(({ range, replicas: owners }) => ({
      start: range.left,
      end: range.right,
      replicas: replicas(view, owners),
    }));
  }

  /** All members of the ring, whatever they own. */
  members(): Member[] {
    const view = this.#view();
    return view.snapshot.members.map((member) => ({
      ...replicaOf(view, member.hostId),
      state: member.state,
      tokens: member.tokens.map(BigInt),
    }));
  }

  /**
   * Has a node ask every member which schema it holds, until all agree or `timeoutMs` (default 10,000) have passed.
   * Resolves with `agreed`, and with who differs or is silent if not. Asks another node, in what is left of the time, if one
   * refuses or cannot be reached; rejects with UNAVAILABLE or TIMEOUT if none answers, at the latest 2.5 s after it.
   */
  async awaitSchemaAgreement({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<SchemaAgreement> {
    this.#view();
    positiveMs('timeoutMs', timeoutMs, timeoutMs);
    const endMs = performance.now() + timeoutMs;
    let failure: unknown = null;
    for (const point of this.#live.plan()) {
      if (failure !== null && performance.now() >= endMs) break;
      const leftMs = Math.max(1, Math.ceil(endMs - performance.now()));
      const path = pathWith(paths.schemaAgreement, { timeoutMs: leftMs });
      const patience = { connectTimeoutMs: attemptTimeoutMs, timeoutMs: leftMs + attemptTimeoutMs };
      try {
        const answer = readAgreement(await this.#door.getJson(point, path, patience));
        if (answer !== null) return answer;
        failure = new RingError('UNSUPPORTED', `${point.origin} answered ${path} in a way that is not understood`);
      } catch (error) {
        failure = error;
        if (!(error instanceof RingError) || !error.retryable) break;
      }
    }
    throw failure;
  }

  /**
   * Calls `listener` for each event of one kind until the function that is returned is called. An error that a listener
   * throws becomes an uncaught exception; the others are still told.
   */
  on<Kind extends RingClientEventKind>(kind: Kind, listener: (event: RingClientEventOf<Kind>) => void): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners);
    const own = (event: RingClientEvent): void => listener(event as RingClientEventOf<Kind>);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  /**
   * Ends the stream, every search for a node and, with STOPPED, every question, and tells nobody anything any more. Safe to
   * call twice.
   */
  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#door.close();
    this.#live.close();
  }

  #view(): RingView {
    const view = this.#live.view;
    if (view !== null && !this.#closed) return view;
    throw new RingError('STOPPED', 'this client was closed', { hint: 'Connect a new one.' });
  }

  #tell(event: RingClientEvent): void {
    for (const listener of [...(this.#listeners.get(event.kind) ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

function replicas(view: RingView, members: readonly RingMember[]): Replica[] {
  return members.map((member) => replicaOf(view, member.hostId));
}

function replicaOf(view: RingView, hostId: HostId): Replica {
  const { address, httpAddress, datacenter, rack } = view.members.get(hostId)!;
  return {
    hostId,
    address,
    httpAddress,
    datacenter,
    rack,
    liveness: view.livenessOf(hostId),
    mode: view.modeOf(hostId),
  };
}

/** Short enough that each contact point gets its turn, but no shorter than a slow link needs. */
function firstAttemptTimeoutMs(connectTimeoutMs: number, contactPoints: number): number {
  return Math.min(
    attemptTimeoutMs,
    connectTimeoutMs,
    Math.max(500, Math.floor(connectTimeoutMs / (contactPoints + 1))),
  );
}

function nobodyAnswered(afterMs: number, origins: readonly string[], said: ReadonlyMap<string, RingError>): RingError {
  const answers = origins.map((origin) => said.get(origin)?.message ?? `${origin} has not answered yet`);
  return new RingError('UNAVAILABLE', `no contact point sent its ring within ${afterMs} ms: ${answers.join('; ')}`, {
    hint: 'Check that the nodes are up and that contactPoints are their HTTP addresses.',
    cause: [...said.values()][0],
  });
}
