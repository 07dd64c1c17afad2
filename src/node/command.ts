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
  /** Aborts the open operation with this id (before `switch`), or ends a bootstrap (after it). */
  | { readonly kind: 'abortOperation'; readonly operationId: string }
  /** Announces a clean stop to every live member. Answer: how many were told. */
  | { readonly kind: 'goodbye' };

/** What each member said when asked directly. */
export interface ViewSurvey {
  readonly answers: readonly {
    readonly hostId: string;
    readonly address: string;
    readonly schemaVersion: string;
    readonly ringFingerprint: string;
    readonly epoch: number;
  }[];
  /** Members that did not answer in time or are known to be dead. */
  readonly silent: readonly { readonly hostId: string; readonly address: string }[];
}
