import type { Finding } from '../api/why.ts';
import type { RingError } from '../base/error.ts';
import type { Address, HostId } from '../base/id.ts';
import type { OpenChange, Router } from '../ring/router.ts';
import type { OperatorPort, RequestedOperation } from './operator-port.ts';

/**
 * All that HTTP sees of its node. Reads are synchronous, of one moment, and answer immutable data or copies; what changes
 * something rejects with a RingError, and then nothing is changed.
 */
export interface NodePort {
  /** Version of this package: the one thing that is known before the node has started. */
  readonly releaseVersion: string;
  /** What changes the ring. */
  readonly operator: OperatorPort;
  self(): SelfView;
  /** Whether this node alone is ready, and as sentences what it waits for if not. */
  ready(): { readonly ready: boolean; readonly waitingFor: readonly string[] };
  /** Members and observers, ascending by host id. */
  members(): readonly MemberView[];
  /** Null until a first ring record is known; `router` is then null too. */
  ring(): RingView | null;
  router(): Router | null;
  /** Throws RingError DRAINED; STALE_ROUTE if a ring newer than `epoch` reads or writes the key otherwise; INVALID_KEY, UNKNOWN_KEYSPACE. */
  guard(key: string | Uint8Array, keyspace: string | null, epoch: number): void;
  /** Why an operation would be refused now, whoever must be alive for it set aside; null if nothing speaks against it. */
  refusal(request: RequestedOperation): RingError | null;
  /** All that gossip says, ascending by host id. */
  endpoints(): readonly EndpointView[];
  /** The queues of rumors, the most urgent class first. */
  rumors(): readonly RumorQueueView[];
  /** The suspicion level of another node; null where none is computed. */
  phi(hostId: HostId): number | null;
  /** Why another node is held for what it is. */
  evidence(hostId: HostId): EvidenceView;
  history(): HistoryView;
  operations(): readonly OperationView[];
  schema(): SchemaView;
  counters(): TrafficCounters;
  /** Asks the live members that the open operation concerns where they stand in it. */
  operationProgress(timeoutMs: number): Promise<OperationProgress>;
  /** Asks every live member directly what it holds. */
  survey(timeoutMs: number): Promise<SurveyView>;
  /** Rejects: INVALID_ARGUMENT, UNKNOWN_DATACENTER, REFUSED (a change of an existing keyspace), TOO_LARGE. */
  putKeyspace(name: string, replication: Readonly<Record<string, string | number>>): Promise<void>;
  putDocument(name: string, document: string): Promise<void>;
  /** Rejects: UNKNOWN_KEYSPACE, NOT_FOUND. */
  dropDefinition(type: 'keyspace' | 'document', name: string): Promise<void>;
  /** Calls back when something moved, within the step that moved it. Returns how to stop that. */
  subscribe(listener: (event: NodePortEvent) => void): () => void;
}

/** Facts only: what is so now is read from the port. */
export type NodePortEvent =
  /** Records, owners, addresses, datacenters or racks moved. */
  | { readonly kind: 'ring' }
  | { readonly kind: 'liveness'; readonly hostId: HostId; readonly liveness: Liveness }
  | { readonly kind: 'states'; readonly hostId: HostId; readonly keys: readonly string[] }
  | { readonly kind: 'schema'; readonly version: string };

export type Liveness = 'alive' | 'suspect' | 'dead';

/** The node itself. */
export interface SelfView {
  readonly hostId: HostId;
  /** The cluster's name: known from the configuration before any ring is. */
  readonly cluster: string;
  readonly clusterId: string | null;
  readonly address: Address | null;
  readonly httpAddress: Address | null;
  readonly datacenter: string;
  readonly rack: string;
  readonly generation: number;
  readonly releaseVersion: string;
  /** Since this node started. */
  readonly uptimeMs: number;
}

/** A host of the cluster as this node sees it. */
export interface MemberView {
  readonly hostId: HostId;
  /** Null as long as no state of it was heard; so are all other nulls. */
  readonly address: Address | null;
  readonly httpAddress: Address | null;
  readonly datacenter: string;
  readonly rack: string;
  readonly liveness: Liveness;
  readonly mode: 'ok' | 'overloaded' | 'drained' | 'restarting';
  /** Null for an observer. */
  readonly state: 'joining' | 'normal' | 'leaving' | 'left' | 'moving' | 'replacing' | 'removed' | null;
  readonly tokens: readonly bigint[];
  /** Whether its tokens are owned now: false for an observer and a joiner. */
  readonly owner: boolean;
  /** Bytes. */
  readonly load: number | null;
  /** 0 as long as nothing was heard; so is `version`. */
  readonly generation: number;
  readonly version: number;
  readonly schemaVersion: string | null;
  readonly releaseVersion: string | null;
}

export interface RingView {
  readonly clusterId: string;
  readonly cluster: string;
  readonly detector: 'phi' | 'swim';
  readonly lineage: string;
  readonly epoch: number;
  readonly chainHash: string;
  readonly ringFingerprint: string;
  /** What the open operation makes of the ring (each future owner is a member); null when none is open. */
  readonly change: OpenChange | null;
  readonly fork: ForkView | null;
}

export interface PositionView {
  readonly epoch: number;
  readonly lineage: string;
  readonly chainHash: string;
}

export interface ForkView {
  readonly mine: PositionView;
  readonly theirs: PositionView;
  readonly witness: HostId;
}

export interface EndpointView {
  readonly hostId: HostId;
  readonly generation: number;
  readonly version: number;
  readonly bulkVersion: number;
  /** Without tombstones, in any order. */
  readonly states: readonly { readonly key: string; readonly version: number; readonly value: string }[];
}

/** Fields as in `api/gossip-info.ts`. */
export interface RumorQueueView {
  readonly rumorClass: 'liveness' | 'ring' | 'schema' | 'application' | 'bulk';
  readonly waiting: number;
  readonly sentBytes: number;
  readonly dropped: number;
}

/** What the failure detector knows of a host. Fields as in `api/why.ts`. */
export interface EvidenceView {
  readonly lastAnswer: { readonly agoMs: number; readonly roundTripMs: number } | null;
  /** Oldest first. */
  readonly findings: readonly Finding[];
}

/** The records that are kept, ascending; those up to `prefixEpoch` are not. Fields as in `api/history.ts`. */
export interface HistoryView {
  readonly prefixEpoch: number;
  readonly records: readonly RecordView[];
}

export interface RecordView {
  readonly epoch: number;
  readonly kind: 'found' | 'begin' | 'switch' | 'end' | 'abort' | 'remove' | 'readmit' | 'alterReplication';
  readonly lineage: string;
  readonly previous: string;
  readonly operationId: string;
  readonly operation: OperationKind | null;
  readonly subjects: readonly { readonly hostId: HostId; readonly tokens: readonly bigint[] }[];
  readonly replaces: HostId | null;
  readonly strict: boolean;
  readonly schemaVersion: string;
  readonly proposer: HostId;
  readonly proposedAtMs: number;
  readonly found: {
    readonly clusterId: string;
    readonly clusterName: string;
    readonly detector: 'phi' | 'swim';
  } | null;
  readonly alter: { readonly keyspace: string; readonly replication: Readonly<Record<string, string>> } | null;
}

export type OperationKind = 'bootstrap' | 'decommission' | 'move' | 'replace' | 'removenode' | 'alterReplication';

/** An open operation. Fields as in `api/operations.ts`. */
export interface OperationView {
  readonly operationId: string;
  readonly kind: OperationKind;
  readonly step: 'begin' | 'switch';
  readonly subjects: readonly { readonly hostId: HostId }[];
  readonly replaces: HostId | null;
  readonly strict: boolean;
  readonly beginEpoch: number;
  readonly stepEpoch: number;
  readonly beganAtMs: number;
  readonly waitingFor: readonly string[];
}

/** How far an operation is, by what its participants say. Nobody and nothing while none is open. */
export interface OperationProgress {
  /** Ascending by host id. */
  readonly participants: readonly ParticipantView[];
  /** As the voter that drives it says; empty if that one was silent. */
  readonly waitingFor: readonly string[];
}

/** How far the data of one host is. Fields as in `api/operations.ts`. */
export interface ParticipantView {
  readonly hostId: HostId;
  readonly movements: number | null;
  readonly done: number;
  readonly progress: number;
  readonly failed: string | null;
}

export interface SchemaView {
  readonly version: string;
  /** Tombstones may be among them. */
  readonly definitions: readonly {
    readonly type: 'keyspace' | 'document';
    readonly name: string;
    readonly stamp: { readonly timeMs: number; readonly hostId: HostId };
    readonly replication: Readonly<Record<string, string>> | null;
    readonly document: string | null;
  }[];
}

/** Frames on the gossip port since the start, both channels together. */
export interface TrafficCounters {
  readonly sentFrames: number;
  readonly sentBytes: number;
  readonly receivedFrames: number;
  readonly receivedBytes: number;
  /** Reason → how many frames were dropped for it. */
  readonly rejected: Readonly<Record<string, number>>;
}

/** What the members said when asked directly; this node's own answer is among them if it is a member. */
export interface SurveyView {
  readonly answers: readonly {
    readonly hostId: HostId;
    readonly address: Address;
    readonly schemaVersion: string;
    readonly ringFingerprint: string;
  }[];
  /** Members that are dead or did not answer in time. */
  readonly silent: readonly { readonly hostId: HostId; readonly address: Address | null }[];
}
