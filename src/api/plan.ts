import Type, { type Static } from 'typebox';
import { AddressText, Epoch, RingFingerprint, TokenText, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** What a plan can be asked about. `add`: one more node. */
export const PlanKind = Type.Enum(['decommission', 'move', 'replace', 'add', 'removenode', 'alter']);
export type PlanKind = Static<typeof PlanKind>;

/** The host id that stands for a node that is not there yet. */
export const newcomerId = '00000000-0000-4000-8000-000000000000';

/** A host of a plan. `address` null also for the node that is not there yet. */
const PlanHost = closed({ hostId: Uuid, address: nullable(AddressText) });
export type PlanHost = Static<typeof PlanHost>;

const Share = Type.Number({ minimum: 0 });

/** What the operation would do to one keyspace. */
export const PlannedKeyspace = closed({
  keyspace: Type.String(),
  /** The part of the ring whose replicas change, 0 to 1. */
  changedShare: Share,
  /** What all targets together are sent: 1 is as much as one replica of the whole keyspace. */
  movedShare: Share,
  /** Largest over mean effective ownership, in the datacenter where that is worst; 1 is even. */
  balance: closed({ before: Share, after: Share }),
  /** In how many racks the replicas of a range stand at the least; the part of the ring where these become fewer. */
  racks: closed({ before: Share, after: Share, narrowedShare: Share }),
});
export type PlannedKeyspace = Static<typeof PlannedKeyspace>;

/** `GET /v1/plan?operation=…`: what an operation would do. Asking changes nothing. */
export const Plan = closed({
  operation: PlanKind,
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  /** Whom it is about, with the tokens that they would have. */
  subjects: Type.Array(closed({ hostId: Uuid, address: nullable(AddressText), tokens: Type.Array(TokenText) })),
  /** False: it would be refused now, for `refusals`. */
  possible: Type.Boolean(),
  /** Why it would be refused, as sentences. */
  refusals: Type.Array(Type.String()),
  /**
   * True: `force` (for `add` and `replace` a node started with `strictJoin: false`) passes over all of `refusals`; what only
   * the dead hold is then lost.
   */
  forcible: Type.Boolean(),
  keyspaces: Type.Array(PlannedKeyspace),
  movements: Type.Array(
    closed({
      keyspace: Type.String(),
      /** Each (startToken, endToken]. */
      ranges: Type.Array(closed({ startToken: TokenText, endToken: TokenText })),
      /** All are read, and what they hold merged. */
      sources: Type.Array(PlanHost),
      targets: Type.Array(PlanHost),
    }),
  ),
  /** Whose death would stop it. */
  neededAlive: Type.Array(PlanHost),
});
export type Plan = Static<typeof Plan>;
