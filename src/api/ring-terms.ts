import Type, { type Static } from 'typebox';

/** How a member is seen by the node that answers. */
export const Liveness = Type.Enum(['alive', 'suspect', 'dead']);
export type Liveness = Static<typeof Liveness>;

/** How a member means to serve: `overloaded` late, `drained` not any more, `restarting` not until it is back. Prefer others to all three. */
export const MemberMode = Type.Enum(['ok', 'overloaded', 'drained', 'restarting']);
export type MemberMode = Static<typeof MemberMode>;

/** What a member is in the ring, whether it lives or not. */
export const MemberState = Type.Enum(['joining', 'normal', 'leaving', 'left', 'moving', 'replacing', 'removed']);
export type MemberState = Static<typeof MemberState>;

/** A token as a decimal string: JSON numbers would lose digits. `parseToken` (src/token) reads it. */
export const TokenText = Type.String({ pattern: '^(0|-?[1-9][0-9]{0,18})$' });

export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });

/** `host:port` as a member advertises it. */
export const AddressText = Type.String();

/** Unix time in ms, by the clock of the host that wrote it: for people, it orders nothing. */
export const UnixMs = Type.Integer();

/** The position of the ring: epochs rise by one with each ring record; 1 is `found`. */
export const Epoch = Type.Integer({ minimum: 0 });

/** Hash of cluster id, lineage, epoch, tokens with owners, states, datacenters and racks: equal rings, equal fingerprints. */
export const RingFingerprint = Type.String();

/** A keyspace's replication as Cassandra's map, in canonical form: values are strings, the class name is short. */
export const Replication = Type.Record(Type.String(), Type.String());
export type Replication = Static<typeof Replication>;
