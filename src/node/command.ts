import type { HostId } from '../base/id.ts';
import type { OperationReport } from '../lifecycle/lifecycle-message.ts';
import type { OperationRequest } from '../lifecycle/operation-request.ts';
import type { SchemaDefinitionType } from '../schema/schema-definition.ts';

/** What the application or an operator asks of its node. Each is answered once by `complete`. */
export type Command =
  /** Sets application states (full keys, `x:…`) in one step; null deletes. Answer: the new version. */
  | { readonly kind: 'setStates'; readonly entries: readonly (readonly [key: string, value: string | null])[] }
  /** LOAD of this node in bytes. */
  | { readonly kind: 'setLoad'; readonly bytes: number }
  | {
      readonly kind: 'putSchema';
      readonly type: SchemaDefinitionType;
      readonly name: string;
      readonly replication: Readonly<Record<string, string | number>> | null;
      readonly document: string | null;
    }
  | { readonly kind: 'dropSchema'; readonly type: SchemaDefinitionType; readonly name: string }
  /** Asks every member directly what it holds. Answer: `ViewSurvey`. */
  | { readonly kind: 'survey'; readonly timeoutMs: number }
  /** The same of those alone whom the open operation concerns: who gains or loses ranges, and the voter that drives it. */
  | { readonly kind: 'surveyOperation'; readonly timeoutMs: number }
  /** Begins an operation of the ring. Answer, once its `begin` is decided: `OperationBegun`. */
  | { readonly kind: 'beginOperation'; readonly request: OperationRequest; readonly force: boolean }
  /** Aborts the open operation with this id, before its first `switch`. */
  | { readonly kind: 'abortOperation'; readonly operationId: string }
  /** Tells every participant of the open operation to try again what failed. Answer: how many were told. */
  | { readonly kind: 'resumeOperation'; readonly operationId: string }
  /**
   * Removes a host without moving any data (Cassandra: assassinate). Where no majority of the owners is alive, `force`
   * writes the record alone, under a new lineage. Answer: `RecordDecided`.
   */
  | { readonly kind: 'forceRemove'; readonly hostId: HostId; readonly force: boolean }
  /** Lets a removed host id come back, as a newcomer. Answer: `RecordDecided`. */
  | { readonly kind: 'readmit'; readonly hostId: HostId; readonly force: boolean }
  /** Ends a fork: this node gives up its own history for the other, of this lineage. Answer: the new epoch. */
  | { readonly kind: 'adoptLineage'; readonly lineage: string }
  /** An observer, or a node started without joining, joins now. Answer at once; `ready` tells of the end. */
  | { readonly kind: 'join' }
  /** Announces that this node serves no more; gossip and votes go on until it stops. A second one changes nothing. */
  | { readonly kind: 'drain' }
  /** Announces a restart that will be over within `leaseMs`: until then it is shown as restarting. */
  | { readonly kind: 'planRestart'; readonly leaseMs: number }
  /** The application, on a movement that it was told of. `ratio` from 0 to 1. */
  | { readonly kind: 'movementProgress'; readonly movementId: string; readonly ratio: number }
  /** The movement's data is durable here (`gain`), or has been handed over (`lose`). Durable before it is answered. */
  | { readonly kind: 'movementDone'; readonly movementId: string }
  /** The movement stays undone, and its operation where it is, until `resumeOperation` or a restart of this node. */
  | { readonly kind: 'movementFailed'; readonly movementId: string; readonly reason: string }
  /** Announces a clean stop to every live member. Answer: how many were told. */
  | { readonly kind: 'goodbye' };

/** An operation whose `begin` is decided. */
export interface OperationBegun {
  readonly operationId: string;
  readonly epoch: number;
}

/** A record that was proposed on command is decided. */
export interface RecordDecided {
  readonly kind: string;
  readonly epoch: number;
  readonly lineage: string;
}

/** What each member said when asked directly. */
export interface ViewSurvey {
  readonly answers: readonly {
    readonly hostId: string;
    readonly address: string;
    readonly schemaVersion: string;
    readonly ringFingerprint: string;
    readonly epoch: number;
    /** Where the open operation stands there; null while none is. */
    readonly operation: OperationReport | null;
  }[];
  /** Members that did not answer in time or are known to be dead. */
  readonly silent: readonly { readonly hostId: string; readonly address: string }[];
}
