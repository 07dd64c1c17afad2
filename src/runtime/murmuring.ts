/** The door `murmuring`: embed a node in an application's own process. Named exports only. */
export type { Plan } from '../api/plan.ts';
export { RingError, type RingErrorCode } from '../base/error.ts';
export { tokenOf } from '../token/murmur3-partitioner.ts';
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
