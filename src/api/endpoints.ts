import Type, { type Static } from 'typebox';
import { Epoch, RingFingerprint, TokenText } from './ring-terms.ts';
import { Replica } from './route.ts';
import { closed } from './shape.ts';

/** `GET /v1/getendpoints?keyspace=&key=`: the natural replicas of a key, the primary first. */
export const Endpoints = closed({
  keyspace: Type.String(),
  key: Type.String(),
  token: TokenText,
  endpoints: Type.Array(Replica),
  epoch: Epoch,
  ringFingerprint: RingFingerprint,
});
export type Endpoints = Static<typeof Endpoints>;
