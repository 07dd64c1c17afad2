import { RingError } from '../base/error.ts';
import type { Address, HostId } from '../base/id.ts';
import type { OwnershipState } from '../epoch/ring-snapshot.ts';
import { type RingState, snapshotOf } from '../epoch/ring-state.ts';
import { ApplicationState, drainedMode } from '../gossip/application-state.ts';
import { futureOwners, type RingOperation } from '../ring/future-owners.ts';
import { RingChange } from '../ring/ring-change.ts';
import { ringFingerprint } from '../ring/ring-fingerprint.ts';
import type { RingMember } from '../ring/ring-member.ts';
import { Router } from '../ring/router.ts';
import { type MemberMode, memberModeOf } from './member-mode.ts';
import type { NodeContext } from './node-context.ts';
import type { Liveness } from './node-event.ts';
import type { RingView } from './ring-view.ts';
import { RouteGuard } from './route-guard.ts';

export type { RingView } from './ring-view.ts';

/** Where a host is while no state of it was ever heard: shown, and part of the fingerprint, until it is. */
export const unknownDatacenter = 'UNKNOWN_DC';
export const unknownRack = 'UNKNOWN_RACK';

/** A host of the cluster, as this node sees it now. `state` is null for an observer: it owns nothing. */
export interface MemberView {
  readonly hostId: HostId;
  readonly address: Address | null;
  readonly httpAddress: Address | null;
  readonly datacenter: string;
  readonly rack: string;
  readonly liveness: Liveness;
  readonly mode: MemberMode;
  readonly state: OwnershipState | null;
  readonly tokens: readonly bigint[];
}

/** Read-only views of the node: who is there, and who owns what. Derived lazily, cached until something moves. */
export class Membership {
  readonly #context: NodeContext;
  #ring: RingView | null = null;
  #router: Router | null = null;
  #routerSchemaVersion = '';
  readonly #guard: RouteGuard;

  constructor(context: NodeContext) {
    this.#context = context;
    this.#guard = new RouteGuard({
      get log() {
        return context.protocols.register.log;
      },
      ownersOf: (state) => this.#ownersOf(state),
    });
  }

  /** To be called when a record was decided or DC, RACK or an address of anybody moved. */
  moved(): void {
    this.#ring = null;
    this.#router = null;
  }

  get state(): RingState | null {
    return this.#context.protocols.register.state;
  }

  /** Whom the fold names; empty before a first record. Never changes: another fold has another map. */
  get recorded(): RingState['members'] {
    return this.state?.members ?? nobody;
  }

  liveness(hostId: HostId): Liveness {
    return hostId === this.#context.self.hostId
      ? 'alive'
      : (this.#context.protocols.detector?.liveness(hostId) ?? 'dead');
  }

  isAlive(hostId: HostId): boolean {
    return this.liveness(hostId) === 'alive';
  }

  /** True for whom the fold names; everybody else in gossip is an observer. */
  isMember(hostId: HostId): boolean {
    return this.recorded.has(hostId);
  }

  isRemoved(hostId: HostId): boolean {
    return this.state?.removed.has(hostId) === true;
  }

  /** Members and observers, ascending by host id. */
  members(): MemberView[] {
    const hosts = new Set<HostId>(this.#context.protocols.gossiper.hosts());
    for (const hostId of this.recorded.keys()) hosts.add(hostId);
    return [...hosts].sort().map((hostId) => this.member(hostId));
  }

  member(hostId: HostId): MemberView {
    const entry = this.recorded.get(hostId);
    return {
      hostId,
      address: this.#context.addressOf(hostId),
      httpAddress: this.#context.stateValue(hostId, ApplicationState.httpAddress),
      datacenter: this.#datacenterOf(hostId),
      rack: this.#rackOf(hostId),
      liveness: this.liveness(hostId),
      mode: memberModeOf(this.#context.stateValue(hostId, ApplicationState.mode), this.#context.now.wallMs),
      state: entry?.state ?? null,
      tokens: entry?.tokens ?? [],
    };
  }

  /** Null until a first record is known. */
  ring(): RingView | null {
    const state = this.state;
    if (state === null) return null;
    if (this.#ring === null) {
      const { protocols, sharedRing } = this.#context;
      const states = protocols.gossiper.statesOf(state.members);
      this.#ring = sharedRing.viewOf(state, states, () => this.#derive(state));
    }
    return this.#ring;
  }

  /** Routes over the ring as it stands now. A router once given never changes. Null until a first record is known. */
  router(): Router | null {
    const ring = this.ring();
    const { schema } = this.#context.protocols;
    if (ring === null) return null;
    if (this.#router === null || this.#routerSchemaVersion !== schema.version) {
      this.#routerSchemaVersion = schema.version;
      this.#router = new Router({
        natural: ring.natural,
        change: ring.change,
        epoch: ring.epoch,
        ringFingerprint: ring.fingerprint,
        keyspaces: this.keyspaces(),
        knownDatacenters: this.datacenters(),
      });
    }
    return this.#router;
  }

  /**
   * What an operation, open or only thought of, makes of the ring: for barriers, movements and plans. A subject that is
   * no member yet stands where its gossip says. Null until a first record is known.
   */
  ringChange(operation: RingOperation): RingChange | null {
    const { state } = this;
    if (state === null) return null;
    if (operation !== state.operation) return this.#changeBy(operation, state);
    const { keyspacesVersion } = this.#context.protocols.schema;
    const { chainHash, fingerprint } = this.ring()!;
    return this.#context.sharedRing.changeOf(`${chainHash} ${fingerprint} ${keyspacesVersion}`, () =>
      this.#changeBy(operation, state),
    );
  }

  #changeBy(operation: RingOperation, state: RingState): RingChange {
    const replaced = operation.replaces === null ? undefined : state.members.get(operation.replaces);
    const newcomers = operation.subjects
      .filter(({ hostId }) => !state.members.has(hostId))
      .map(({ hostId, tokens }) => this.#placed({ hostId, tokens: replaced?.tokens ?? tokens }));
    const members = [...state.members.values()].map((member) => this.#placed(member));
    return new RingChange({
      natural: members.filter(ownsNow),
      future: futureOwners([...members, ...newcomers], operation),
      keyspaces: this.keyspaces(),
      alter: operation.alter,
      knownDatacenters: [...new Set([...members, ...newcomers].map(({ datacenter }) => datacenter))].sort(),
    });
  }

  /**
   * Refuses a request about a key that was routed by a ring older than the last record that touches the key, and every
   * request once this node is drained. Throws RingError STALE_ROUTE, DRAINED, INVALID_KEY, UNKNOWN_KEYSPACE; UNAVAILABLE
   * while no ring is known.
   */
  guard(key: string | Uint8Array, keyspace: string | null, epoch: number): void {
    const router = this.router();
    if (router === null) throw new RingError('UNAVAILABLE', 'no ring is known yet', { hint: 'wait for the node' });
    const { token } = router.route(key, keyspace);
    if (this.isDrained(this.#context.self.hostId)) {
      throw new RingError('DRAINED', 'this node was drained, and serves no more', {
        hint: 'ask another replica; restart the node to serve again',
      });
    }
    this.#guard.check({ token, keyspace, strategy: () => router.strategyOf(keyspace), epoch });
  }

  /** It said that it serves no more. */
  isDrained(hostId: HostId): boolean {
    return this.#context.stateValue(hostId, ApplicationState.mode) === drainedMode;
  }

  /** Every datacenter that a member is in, ascending. */
  datacenters(): string[] {
    return [...new Set([...this.recorded.keys()].map((hostId) => this.#datacenterOf(hostId)))].sort();
  }

  /** Keyspace → its replication, by the schema. */
  keyspaces(): Map<string, Readonly<Record<string, string>>> {
    return new Map(
      this.#context.protocols.schema
        .list()
        .flatMap((definition) =>
          definition.replication === null ? [] : [[definition.name, definition.replication] as const],
        ),
    );
  }

  #placed<Member extends { readonly hostId: HostId }>(
    member: Member,
  ): Member & Pick<RingMember, 'datacenter' | 'rack'> {
    return { ...member, datacenter: this.#datacenterOf(member.hostId), rack: this.#rackOf(member.hostId) };
  }

  #datacenterOf(hostId: HostId): string {
    return this.#context.stateValue(hostId, ApplicationState.datacenter) ?? unknownDatacenter;
  }

  #rackOf(hostId: HostId): string {
    return this.#context.stateValue(hostId, ApplicationState.rack) ?? unknownRack;
  }

  #ownersOf(state: RingState): { rings: RingMember[][]; placesKnown: boolean } {
    const members = [...state.members.values()].map((member) => this.#placed(member));
    const future = state.operation === null ? [] : [futureOwners(members, state.operation)];
    return {
      rings: [members.filter(ownsNow), ...future],
      placesKnown: members.every(({ datacenter, rack }) => datacenter !== unknownDatacenter && rack !== unknownRack),
    };
  }

  /** Of gossip it takes datacenters and racks, and nothing else: `SharedRing` relies on that. */
  #derive(state: RingState): RingView {
    const { clusterId, clusterName, lineage, epoch, chainHash } = snapshotOf(state);
    const placed = [...state.members.values()].map((member) => this.#placed(member));
    const { operation } = state;
    return {
      clusterId,
      clusterName,
      lineage,
      epoch,
      chainHash,
      fingerprint: ringFingerprint({ clusterId, lineage, epoch, members: placed }),
      natural: placed.filter(ownsNow),
      change:
        operation === null
          ? null
          : { step: operation.step, future: futureOwners(placed, operation), alter: operation.alter },
    };
  }
}

const nobody: RingState['members'] = new Map();

/** A joiner or a replacing node owns nothing before the operation is over. */
const ownsNow = ({ state }: { readonly state?: OwnershipState }): boolean =>
  state !== 'joining' && state !== 'replacing';
