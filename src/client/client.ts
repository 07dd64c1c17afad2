/**
 * The door `murmuring/client`: for an application that routes keys and runs no node. It drags in no server.
 */
export type { Liveness, MemberMode, MemberState } from '../api/ring-terms.ts';
export type { SchemaAgreement } from '../api/schema-agreement.ts';
export { type ErrorDetails, RingError, type RingErrorCode } from '../base/error.ts';
export type { HostId } from '../base/id.ts';
export { tokenOf } from '../token/murmur3-partitioner.ts';
export type { Token } from '../token/token.ts';
export type { ClientRange, ClientRoute, Member, Replica } from './client-route.ts';
export { RingClient } from './ring-client.ts';
export type { LineageStand, RingClientEvent, RingClientEventKind, RingClientEventOf } from './ring-client-event.ts';
export type { KeyspaceOption, RingClientOptions } from './ring-client-options.ts';
