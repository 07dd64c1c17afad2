import type { Rumors } from '../node/rumor-message.ts';
import { uuidsToBytes, uuidToBytes } from './compact-fields.ts';
import type { FieldReader } from './field-reader.ts';

export type LivenessClaim = Rumors['claims'][number];

/** More confirmers than the detector counts are no claim of ours. */
const maxConfirmers = 8;
const livenessStates: readonly LivenessClaim['liveness'][] = ['alive', 'suspect', 'dead'];

/** A claim as fields. */
export function encodeClaim({
  hostId,
  generation,
  incarnation,
  liveness,
  accuser,
  confirmers,
  left,
}: LivenessClaim): unknown[] {
  return [
    uuidToBytes(hostId),
    generation,
    incarnation,
    livenessStates.indexOf(liveness) + (left ? livenessStates.length : 0),
    accuser === null ? null : uuidToBytes(accuser),
    uuidsToBytes(confirmers),
  ];
}

/** Reads them again. */
export function decodeClaim(fields: FieldReader): LivenessClaim {
  const hostId = fields.uuid('hostId');
  const generation = fields.integer('generation');
  const incarnation = fields.integer('incarnation');
  const liveness = fields.integer('liveness', 0, 2 * livenessStates.length - 1);
  const accuser = fields.nullable(() => fields.uuid('accuser'));
  return {
    hostId,
    generation,
    incarnation,
    liveness: livenessStates[liveness % livenessStates.length]!,
    accuser,
    confirmers: fields.uuids('confirmers', maxConfirmers),
    left: liveness >= livenessStates.length,
  };
}
