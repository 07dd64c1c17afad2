import Type, { type Static } from 'typebox';
import { AddressText, Liveness, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

const Version = Type.Integer({ minimum: 0 });

/** All that gossip says of one node, as it was said. */
export const GossipEndpoint = closed({
  hostId: Uuid,
  address: nullable(AddressText),
  liveness: Liveness,
  generation: Version,
  /** The state counter: the version of the last heartbeat or change. */
  heartbeat: Version,
  /** The counter of the bulk keys (LOAD, SCHEMA, RING, `x:bulk:…`). */
  bulkHeartbeat: Version,
  /** Ascending by key; deleted ones are left out. */
  states: Type.Array(closed({ key: Type.String(), version: Version, value: Type.String() })),
});
export type GossipEndpoint = Static<typeof GossipEndpoint>;

/** The rumors of one class that this node passes on; `sentBytes` and `dropped` since its start. */
export const RumorQueueStanding = closed({
  class: Type.Enum(['liveness', 'ring', 'schema', 'application', 'bulk']),
  waiting: Type.Integer({ minimum: 0 }),
  sentBytes: Type.Integer({ minimum: 0 }),
  /** Not sent as often as they should: the budget or the length of the queue held them back, and anti-entropy brings them. */
  dropped: Type.Integer({ minimum: 0 }),
});
export type RumorQueueStanding = Static<typeof RumorQueueStanding>;

/** `GET /v1/gossipinfo`: members and observers, ascending by host id. Answers also before the node knows a ring. */
export const GossipInfo = closed({
  endpoints: Type.Array(GossipEndpoint),
  /** The most urgent class first. */
  rumors: Type.Array(RumorQueueStanding),
});
export type GossipInfo = Static<typeof GossipInfo>;
