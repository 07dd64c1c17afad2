import Type, { type Static } from 'typebox';
import { AddressText, Epoch, MemberState, RingFingerprint, TokenText, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

const Count = Type.Integer({ minimum: 0 });

/** `GET /v1/info`: about the node that answers, alone. Answers also before the node knows a ring. */
export const Info = closed({
  hostId: Uuid,
  cluster: Type.String(),
  /** Null until a cluster was found or founded; so are all other nulls of the ring. */
  clusterId: nullable(Uuid),
  lineage: nullable(Uuid),
  epoch: nullable(Epoch),
  ringFingerprint: nullable(RingFingerprint),
  schemaVersion: Uuid,
  address: nullable(AddressText),
  httpAddress: nullable(AddressText),
  datacenter: Type.String(),
  rack: Type.String(),
  /** Null for an observer, and before the join. */
  state: nullable(MemberState),
  tokens: Type.Array(TokenText),
  /** Bytes; null if unknown. */
  load: nullable(Type.Number({ minimum: 0 })),
  generation: Count,
  version: Count,
  /** Since this process started. */
  uptimeMs: Type.Number({ minimum: 0 }),
  heapUsedBytes: Count,
  heapTotalBytes: Count,
  releaseVersion: Type.String(),
  nodeVersion: Type.String(),
  /** NORMAL, or an observer that knows the ring. */
  ready: Type.Boolean(),
  /** Whom or what a node that is not ready waits for, as sentences. */
  waitingFor: Type.Array(Type.String()),
  /** Frames on the gossip port since the start, of both channels. */
  traffic: closed({
    sentFrames: Count,
    sentBytes: Count,
    receivedFrames: Count,
    receivedBytes: Count,
    /** Frames that were dropped, by reason. */
    rejected: Type.Record(Type.String(), Count),
  }),
});
export type Info = Static<typeof Info>;
