/** The door `murmuring`: embed a node in an application's own process. Named exports only. */
export type { Plan } from '../api/plan.ts';
export { type ErrorDetails, RingError, type RingErrorCode } from '../base/error.ts';
export type { Address, HostId } from '../base/id.ts';
export type { OwnershipState } from '../epoch/ring-snapshot.ts';
export type { OperationProgress, OperationView } from '../http/node-port.ts';
export type { BegunOperation, DecidedRecord } from '../http/operator-port.ts';
export type { ViewSurvey } from '../node/command.ts';
export type { MemberMode } from '../node/member-mode.ts';
export type { MemberView, RingView } from '../node/membership.ts';
export type { Liveness } from '../node/node-event.ts';
export type { ReplicatedRange } from '../ring/ownership.ts';
export type { RingMember } from '../ring/ring-member.ts';
export type { OpenChange } from '../ring/router.ts';
export type { SchemaAgreement, SchemaHolder } from '../schema/schema-agreement.ts';
export type { SchemaDefinition } from '../schema/schema-definition.ts';
export { tokenOf } from '../token/murmur3-partitioner.ts';
export type { Token } from '../token/token.ts';
export type { TokenRange } from '../token/token-range.ts';
export type {
  MurmuringEvent,
  MurmuringNode,
  RoutedKey,
  RoutedReplica,
  WatchedChange,
} from './murmuring-node.ts';
export type { Duration, LogLevel, NodeOptions } from './node-options.ts';
export type { MovementContext, MovementHost, MovementTask, RangeMovementHandler } from './range-movement-handler.ts';
export type { ForceOption, OperationOutcome, PlanQuestion } from './ring-changer.ts';
export { startNode } from './start-node.ts';
