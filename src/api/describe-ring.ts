import Type, { type Static } from 'typebox';
import { AddressText, Epoch, RingFingerprint, TokenText, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** (startToken, endToken] and its natural replicas, the primary first. */
export const DescribedRange = closed({
  startToken: TokenText,
  endToken: TokenText,
  endpoints: Type.Array(
    closed({ hostId: Uuid, address: nullable(AddressText), datacenter: Type.String(), rack: Type.String() }),
  ),
});
export type DescribedRange = Static<typeof DescribedRange>;

/** `GET /v1/describering?keyspace=`: every range, ascending by its end. */
export const DescribeRing = closed({
  keyspace: Type.String(),
  schemaVersion: Uuid,
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
  ranges: Type.Array(DescribedRange),
});
export type DescribeRing = Static<typeof DescribeRing>;
