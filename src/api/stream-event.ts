import Type, { type Static } from 'typebox';
import { Liveness, Uuid } from './ring-terms.ts';
import { closed } from './shape.ts';

/** Event `liveness`: a member is seen otherwise than before. */
export const LivenessEvent = closed({ hostId: Uuid, liveness: Liveness });
export type LivenessEvent = Static<typeof LivenessEvent>;

/** Event `states`: application states of a member moved. Their values are in `/v1/gossipinfo`. */
export const StatesEvent = closed({ hostId: Uuid, keys: Type.Array(Type.String()) });
export type StatesEvent = Static<typeof StatesEvent>;

/** Event `schema`: this node has another schema version now. */
export const SchemaEvent = closed({ schemaVersion: Uuid });
export type SchemaEvent = Static<typeof SchemaEvent>;

/**
 * Names of the events of `GET /v1/events`. `snapshot` carries a whole `RingSnapshot`: first on every stream that does not
 * resume, then whenever ring, addresses or schema moved. It stands for all that came before it, so a client that meets one
 * reads again what else it watches.
 */
export const streamEventNames = ['snapshot', 'liveness', 'states', 'schema'] as const;
export type StreamEventName = (typeof streamEventNames)[number];
