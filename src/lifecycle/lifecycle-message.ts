import type { Address, HostId } from '../base/id.ts';
import type { HistoryPosition } from '../epoch/epoch-message.ts';
import type { RingRecord } from '../epoch/ring-record.ts';
import type { RingSnapshot } from '../epoch/ring-snapshot.ts';
import type { Delta } from '../gossip/delta.ts';
import type { Token } from '../token/token.ts';

/** Starting node → seed or remembered address, by stream, as a shadow frame: who are you, and what is the cluster? */
export interface ShadowSyn {
  readonly kind: 'shadowSyn';
  /** Random, 16 hex characters: a late answer of another round is known by it. */
  readonly round: string;
  readonly address: Address;
  /** Own host id and the ids that answered at the literal seeds so far, ascending. */
  readonly foundingSet: readonly HostId[];
  /** The cluster this node belongs to by its own store; null at a first start. */
  readonly clusterId: string | null;
  /** Only who is there: the answer holds the answerer's own state, and no history. */
  readonly brief: boolean;
}

/** Answer of a node that is in the shadow round itself. */
export interface ShadowWaiting {
  readonly kind: 'shadowWaiting';
  readonly round: string;
  readonly foundingSet: readonly HostId[];
}

/** Answer of a member: the cluster, in `parts` parts of at most 48 KiB, applied together once all have arrived. */
export interface ShadowAck {
  readonly kind: 'shadowAck';
  readonly round: string;
  readonly part: number;
  readonly parts: number;
  readonly clusterId: string;
  /** The answerer's unix time in ms: a joiner whose clock is a day off learns it here, before it is refused. */
  readonly wallMs: number;
  /** Part 0 only: the fold of the history's beginning (null: none yet), but for its members and removed hosts. */
  readonly snapshot: RingSnapshot | null;
  /** Members and removed hosts of the snapshot, spread over the parts. */
  readonly members: RingSnapshot['members'];
  readonly removed: RingSnapshot['removed'];
  /** The records after the snapshot, ascending over the parts. */
  readonly records: readonly RingRecord[];
  /** Whole states (`from` 0), state and bulk counters; TOKENS as in `recorded-tokens.ts`. */
  readonly states: readonly Delta[];
}

/** Joiner → the lowest live voter: take me into the next `begin`. Repeated until the records name the joiner. */
export interface JoinRequest {
  readonly kind: 'joinRequest';
  /** Tokens that the joiner insists on; empty: the voter chooses. */
  readonly tokens: readonly Token[];
  /** How many tokens; that of `tokens` where there are any. */
  readonly count: number;
  /** False: it joins also where ranges have too few live sources, and what only the dead ones hold is lost. */
  readonly strict: boolean;
}

/** Newcomer → the lowest live voter: let me take the place of this dead member. As `joinRequest`; answered by `joinAnswer`. */
export interface ReplaceRequest {
  readonly kind: 'replaceRequest';
  readonly replaces: HostId;
  readonly strict: boolean;
}

export const joinOutcomes = ['gathered', 'waiting', 'refused'] as const;

/** Answer to a join request: gathered for the next `begin`; waiting, and for which operation; or refused, and why. */
export interface JoinAnswer {
  readonly kind: 'joinAnswer';
  readonly outcome: (typeof joinOutcomes)[number];
  readonly reason: string;
  /** Tokens of the request that somebody else owns: choose others. */
  readonly taken: readonly Token[];
}

/** Member → every live member, on a clean stop: believed at once, undone only by a higher generation. */
export interface Goodbye {
  readonly kind: 'goodbye';
  readonly generation: number;
}

/** Asker → member: what do you hold right now? For agreement checks, which must not rely on relayed state. */
export interface ViewRequest {
  readonly kind: 'viewRequest';
  /** A fresh random number below 2^32 that binds the answer. */
  readonly query: number;
}

export interface ViewAnswer {
  readonly kind: 'viewAnswer';
  readonly query: number;
  readonly generation: number;
  readonly schemaVersion: string;
  readonly ringFingerprint: string;
  readonly at: HistoryPosition;
  /** Null while no operation is open here. */
  readonly operation: OperationReport | null;
}

/** Where the open operation stands, as one member sees it: for people, no step is taken by it. */
export interface OperationReport {
  readonly operationId: string;
  /** The member's own; null until it was told to move, and none at all where it only drives. */
  readonly movements: MovementStanding | null;
  /** What the next step waits for, as sentences; empty at all but the voter that drives the operation. */
  readonly waitingFor: readonly string[];
}

/** What a participant of the open operation is asked: to say where it stands; to move its data; to retry what failed. */
export const operationAsks = ['acknowledge', 'move', 'resume'] as const;
export type OperationAsk = (typeof operationAsks)[number];

/**
 * Driving voter → members that an open operation concerns: where do you stand? Answered at once by `operationAnswer`, and
 * again when something of the answer has moved; repeated each second until it says what is waited for.
 */
export interface OperationQuery {
  readonly kind: 'operationQuery';
  readonly operationId: string;
  /** The record that made the step's ring; who lacks it asks the sender for it. */
  readonly stepEpoch: number;
  /** Of the ring by which the driver judges. Who sees another one moves nothing. */
  readonly ringFingerprint: string;
  readonly ask: OperationAsk;
  /** With `move`: replicas that have not acknowledged the step, as far as the sender knows. They are no sources yet. */
  readonly unacknowledged: readonly HostId[];
}

/** Where one participant's range movements stand. */
export interface MovementStanding {
  readonly total: number;
  readonly done: number;
  /** Mean progress of all, done ones counted, from 0 to 1 in thousandths. */
  readonly ratio: number;
  /** Why the first of those that failed did; null while none has. */
  readonly failed: string | null;
}

/** Of a member that gains and loses nothing. */
export const nothingToMove: MovementStanding = { total: 0, done: 0, ratio: 1, failed: null };

/** Member → who asked: what I hold on disk, and how far my data is. */
export interface OperationAnswer {
  readonly kind: 'operationAnswer';
  readonly operationId: string;
  /** The last record that is durable here: it is acknowledged, with all before it. */
  readonly epoch: number;
  /** Of the ring as the member sees it: its last record, and where the members stand, which only gossip tells. */
  readonly ringFingerprint: string;
  /** Content version of the keyspaces: replicas stand by them, and by no other definition. */
  readonly keyspacesVersion: string;
  /** Null until the member was told to move, or while nothing is open here. */
  readonly movements: MovementStanding | null;
}

export type LifecycleMessage =
  | ShadowSyn
  | ShadowWaiting
  | ShadowAck
  | JoinRequest
  | ReplaceRequest
  | JoinAnswer
  | Goodbye
  | ViewRequest
  | ViewAnswer
  | OperationQuery
  | OperationAnswer;

/** Messages that travel in shadow frames: the only ones bound to neither cluster id nor receiver. */
export const shadowMessageKinds: ReadonlySet<string> = new Set(['shadowSyn', 'shadowWaiting', 'shadowAck']);
