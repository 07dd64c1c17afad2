import Type, { type Static } from 'typebox';
import { AddressText, Liveness, Uuid } from './ring-terms.ts';
import { closed, nullable } from './shape.ts';

/** `GET /v1/failuredetector`: how this node sees every other one. */
export const FailureDetector = closed({
  detector: Type.Enum(['phi', 'swim']),
  endpoints: Type.Array(
    closed({
      hostId: Uuid,
      address: nullable(AddressText),
      liveness: Liveness,
      /** On the threshold's scale; null where none is computed: no arrivals yet, or another detector. */
      phi: nullable(Type.Number()),
    }),
  ),
});
export type FailureDetector = Static<typeof FailureDetector>;
